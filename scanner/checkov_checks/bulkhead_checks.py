"""The file that Checkov runs. Checkov logs an error in it and goes on with exit code 0, so it can hardly have one: the first resource
that is checked loads the rest, and what goes wrong then ends Checkov with exit code 2.

Every framework of Checkov runs this file, in a process of its own; only those of Terraform come to check a resource.
"""

from __future__ import annotations

from typing import Any

from checkov.terraform.checks.resource.registry import resource_registry

_scan = resource_registry.scan


def scan(*arguments: Any, **named: Any) -> Any:
    """Judge the graph before Checkov asks about its first resource. Raises what ends Checkov."""
    try:
        from scanner.gate import checks
    except Exception as error:
        # Whatever it is: Checkov may run in another environment than Bulkhead, or in one with other versions.
        raise RuntimeError(
            f"{__file__} cannot be used ({type(error).__name__}: {error}); install aws-bulkhead where Checkov runs"
        ) from error
    checks.prepare(*arguments, **named)
    return _scan(*arguments, **named)


if "bulkhead" not in vars(resource_registry):  # Checkov runs this file once more for every directory
    vars(resource_registry).update(bulkhead=__file__, scan=scan)
