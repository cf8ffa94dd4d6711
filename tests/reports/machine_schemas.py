"""Published schemas that reports are held to, and what a schema does not say of JUnit's counts."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import xmlschema
from referencing import Registry, Resource

SCHEMAS = Path(__file__).parent / "schemas"
GITLAB = "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/master/dist/"


@cache
def loaded(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text())


def check_sarif(text: str) -> Any:
    document = json.loads(text)
    jsonschema.Draft4Validator(loaded("sarif-schema-2.1.0.json")).validate(document)
    return document["runs"][0]["results"]


def check_gitlab(text: str) -> Any:
    common = Resource.from_contents(loaded("gitlab-security-report-format-15.0.7.json"))
    registry: Any = Registry().with_resource(GITLAB + "security-report-format.json", common)
    document = json.loads(text)
    schema = loaded("gitlab-sast-report-format-15.0.7.json")
    jsonschema.Draft7Validator(schema, registry=registry).validate(document)
    return document["vulnerabilities"]


@cache
def xsd() -> Any:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


def check_junit(text: str) -> Any:
    xsd().validate(text)
    root = ElementTree.fromstring(text)
    for suite in (root, *root):
        cases = list(suite.iter("testcase"))
        counted = {"tests": len(cases), "failures": sum(case.find("failure") is not None for case in cases)}
        assert {name: int(suite.attrib[name]) for name in counted} == counted
    assert int(root.attrib["tests"]) == sum(int(suite.attrib["tests"]) for suite in root)
    return [case for case in root.iter("testcase") if re.search(r" in .*\[[0-9a-f]{16}\]$", case.attrib["name"])]
