"""What CDK makes of an app: `cdk.out`, whose `manifest.json` says where each stack goes.

https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.errors import GateError
from scanner.gate.cloudformation import plan_of
from scanner.gate.cloudformation.stack import Stack
from scanner.gate.cloudformation.template import load
from scanner.gate.plan import Plan
from scanner.gate.planned import shown

MANIFEST = "manifest.json"
STACK, ASSEMBLY = "aws:cloudformation:stack", "cdk:cloud-assembly"
_ENVIRONMENT = re.compile(r"aws://([^/]+)/(.+)")
_ACCOUNT = re.compile(r"\d{12}")
HOW = "make it with `cdk synth`"


def is_assembly(folder: Path) -> bool:
    """Whether a folder is the output of CDK."""
    path = folder / MANIFEST
    if not path.is_file():
        return False
    text = path.read_bytes()
    return folder.name.startswith(("cdk.out", "assembly-")) or (b'"artifacts"' in text and STACK.encode() in text)


def read(folder: Path) -> list[Plan]:
    """Read every stack of an assembly and of those nested in it. Raises GateError naming the file."""
    return list(_stacks(folder, ()))


def _stacks(folder: Path, above: tuple[Path, ...]) -> Iterator[Plan]:
    path = folder / MANIFEST
    manifest = _manifest(path)
    missing = [one for one in manifest.get("missing") or () if isinstance(one, Mapping)]
    for name, artifact in sorted(manifest["artifacts"].items()):
        if not isinstance(artifact, Mapping):
            raise GateError(f"{path}: artifact {name} is not whole; {HOW}")
        properties = artifact.get("properties") or {}
        if artifact.get("type") == STACK:
            yield _stack(folder, path, name, artifact, properties, missing)
        elif artifact.get("type") == ASSEMBLY:
            inner = (folder / str(properties.get("directoryName"))).resolve()
            if inner in above or not (inner / MANIFEST).is_file():
                raise GateError(f"{path}: the assembly {name} does not lie in {properties.get('directoryName')}; {HOW}")
            yield from _stacks(folder / str(properties["directoryName"]), (*above, folder.resolve()))


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise GateError(f"{path} is no whole manifest ({error}); {HOW}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("artifacts"), dict) or "version" not in manifest:
        raise GateError(f"{path} is no manifest of CDK: it has no version and artifacts; {HOW}")
    return manifest


def _stack(
    folder: Path,
    manifest: Path,
    name: str,
    artifact: Mapping[str, Any],
    properties: Mapping[str, Any],
    missing: Iterable[Mapping[str, Any]],
) -> Plan:
    file = folder / str(properties.get("templateFile"))
    if not file.is_file():
        raise GateError(f"{manifest}: the template of {name} does not lie in {properties.get('templateFile')}; {HOW}")
    template = load(file, empty=True)
    match = _ENVIRONMENT.fullmatch(str(artifact.get("environment") or ""))
    account, region = match.groups() if match else (None, None)
    lost = [
        f"{one.get('key', 'a value')} was not looked up, so CDK wrote something made up; synthesize with credentials"
        for one in missing
        if (one.get("props") or {}).get("account") in (None, account)
    ]
    stack = Stack(
        template,
        str(artifact.get("displayName") or name).replace("/", "."),
        shown(file),
        said=properties.get("parameters") or {},
        paths=dict(_paths(folder, artifact)),
        tags=properties.get("tags") or {},
        stack_name=str(properties.get("stackName") or name),
    )
    own = account if account and _ACCOUNT.fullmatch(account) else None
    return plan_of(stack, own, region if region and not region.startswith("unknown") else None, lost)


def _paths(folder: Path, artifact: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Paths in the app of the resources of a stack, by logical id; newer versions of CDK keep them in a file of their own."""
    metadata = artifact.get("metadata") or {}
    extra = folder / str(artifact.get("additionalMetadataFile") or "")
    if extra.is_file():
        try:
            metadata = {**metadata, **json.loads(extra.read_bytes())}
        except ValueError as error:
            raise GateError(f"{extra} is no whole JSON ({error}); {HOW}") from error
    for path, entries in metadata.items():
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, Mapping) and one.get("type") == "aws:cdk:logicalId":
                yield str(one.get("data")), str(path).lstrip("/")
