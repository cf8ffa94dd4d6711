"""What of a template was not read: macros, modules, templates that lie elsewhere. A sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.gate.cloudformation.template import Template

STACK = "AWS::CloudFormation::Stack"
SERVERLESS = "AWS::Serverless"
PRODUCT = "AWS::ServiceCatalog::CloudFormationProvisionedProduct"
EXPANDED = ("AWS::LanguageExtensions",)
"""Transforms of which nothing is left out: what they bring is worked out, or named where it is not."""


def of_template(template: Template, shown: str) -> Iterator[str]:
    """Macros that may change anything, and what stands among the resources and is none."""
    for name in template.section("Resources"):
        if name.startswith("Fn::"):
            yield f"{shown}: {name} among the resources is not expanded: what it makes was not read"
    for name in template.transforms:
        if name not in EXPANDED and not name.startswith(SERVERLESS):
            yield f"{shown}: the macro {name} is not run: what it changes was not read"


def of_block(address: str, block: Mapping[str, Any]) -> Iterator[str]:
    """What a resource stands for and does not say itself."""
    kind = str(block["Type"])
    if kind.startswith(SERVERLESS):
        yield f"{address}: what the macro makes of {kind} was not read"
    elif kind.endswith("::MODULE"):
        yield f"{address}: what lies in the module {kind} was not read"
    elif kind in (STACK, "AWS::CloudFormation::StackSet"):
        yield f"{address}: its template does not lie beside this one, and was not read"
    elif kind == PRODUCT:
        yield f"{address}: what its product of Service Catalog makes was not read"
    if "Fn::Transform" in block:
        yield f"{address}: a macro in it is not run: what it changes was not read"
    if any(name.startswith("Fn::ForEach") for name in block.get("Properties") or {}):
        yield f"{address}: a loop in it is not expanded"
