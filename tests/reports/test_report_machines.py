"""The formats for machines: each follows its published schema, shows every finding as what it is, and obeys no text."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from markdown_it import MarkdownIt
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

import reports
from reports import asff, sarif
from reports.text import is_link, visible
from scanner.findings import Finding, Result
from tests.reports import results
from tests.reports.hostile_text import NASTY, texts
from tests.reports.machine_schemas import check_gitlab, check_junit, check_sarif
from tests.reports.test_report_markdown import leaves

FORMATS = ("sarif", "junit", "gitlab", "ocsf", "asff")
CANONICAL = {"empty": results.empty(), "3": results.make(3), "12": results.make(12), "60": results.make(60)}


def rendered(format: str, result: Result) -> str:
    stream = io.StringIO()
    reports._module(format).write(result, stream)
    return stream.getvalue()


def check_ocsf(text: str) -> Any:
    events = json.loads(text)
    for event in events:
        assert ComplianceFinding.model_validate(event).type_uid == event["class_uid"] * 100 + event["activity_id"]
        assert set(event) <= {*ComplianceFinding.model_fields, "cloud"}
    return events


@cache
def input_shape() -> Any:
    service = botocore.session.Session().get_service_model("securityhub")
    return service.operation_model("BatchImportFindings").input_shape


def check_asff(text: str) -> Any:
    findings = json.loads(text)
    if findings:
        report = ParamValidator().validate({"Findings": findings}, input_shape())
        assert not report.has_errors(), report.generate_report()
    for finding in findings:
        assert len(json.dumps(finding)) < 240_000
        assert len(finding["Title"]) <= 256
        assert len(finding["Description"]) <= 1024
        assert len(finding["GeneratorId"]) <= 512
        assert len(finding["Remediation"]["Recommendation"]["Text"]) <= 512
        assert len(finding["ProductFields"]) <= 50
        assert all(len(key) < 128 and 0 < len(value) <= 2048 for key, value in finding["ProductFields"].items())
        other = finding["Resources"][0]["Details"]["Other"]
        assert len(other) <= 50
        assert all(0 < len(key) < 128 and 0 < len(value) < 1024 for key, value in other.items())
        assert not [text for text in said(finding) if not text.strip()]  # the service's pattern: .*\S.*
    return findings


CHECKS = {"sarif": check_sarif, "junit": check_junit, "gitlab": check_gitlab, "ocsf": check_ocsf, "asff": check_asff}


def said(value: Any) -> Iterator[str]:
    """Every text of a JSON document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from said(item)
    elif isinstance(value, list):
        for item in value:
            yield from said(item)


def written(format: str, text: str) -> list[str]:
    """Every text of a report as a reader of it gets it."""
    if format != "junit":
        return list(said(json.loads(text)))
    elements = list(ElementTree.fromstring(text).iter())
    lines = [line for element in elements for line in (element.text or "").split("\n")]
    return lines + [value for element in elements for value in element.attrib.values()]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("result", CANONICAL.values(), ids=CANONICAL)
def test_each_follows_its_schema_and_leaves_nothing_out(format: str, result: Result) -> None:
    assert len(CHECKS[format](rendered(format, result))) == len(result.findings)


@pytest.mark.parametrize("format", FORMATS)
def test_every_finding_is_shown_as_what_it_is(format: str) -> None:
    result = results.make(60)
    kinds = Counter(kind(finding) for finding in result.findings)
    assert set(kinds) == {"open", "unevaluated", "waived", "baseline"}
    assert Counter(READ[format](one) for one in CHECKS[format](rendered(format, result))) == kinds


def kind(finding: Finding) -> str:
    return "unevaluated" if finding.outcome == "not_evaluated" else finding.status


def read_sarif(result: Any) -> str:
    assert (result["kind"] == "fail") == (result["level"] != "none")
    if result["kind"] == "open":
        assert result["ruleId"].endswith(sarif.UNEVALUATED)
        assert result["message"]["text"].startswith("Not evaluated: ")
        return "unevaluated"
    why = result.get("suppressions", [{"justification": "open"}])[0]["justification"]
    return {"Waived": "waived", "Known": "baseline", "open": "open"}[why.split(" ")[0]]


def read_junit(case: Any) -> str:
    if (failure := case.find("failure")) is not None:
        assert failure.attrib["type"] in ("critical", "high", "medium", "low")
        return "open"
    return {"not_evaluated": "unevaluated"}.get(
        case.find("skipped").attrib["type"], case.find("skipped").attrib["type"]
    )


def read_gitlab(one: Any) -> str:
    if one["severity"] == "Unknown":
        assert one["name"].startswith("Not evaluated: ")
        return "unevaluated"
    first = one["description"].split(" ")[0]
    assert (one["severity"] == "Info") == first.startswith("**")
    return {"**Waived": "waived", "**Known": "baseline"}.get(first, "open")


def read_ocsf(event: Any) -> str:
    if event["compliance"]["status_id"] == 2:
        assert event["severity_id"] == 0
        return "unevaluated"
    detail = event.get("status_detail", "open").split(" ")[0]
    assert (event["status"] == "Suppressed") == (detail != "open")
    return {"Waived": "waived", "Known": "baseline", "open": "open"}[detail]


def read_asff(finding: Any) -> str:
    if finding["Compliance"]["Status"] == "WARNING":
        assert finding["Severity"]["Label"] == "INFORMATIONAL"
        return "unevaluated"
    note = finding.get("Note", {"Text": "open"})["Text"].split(" ")[0]
    assert (finding["Workflow"]["Status"] == "SUPPRESSED") == (note != "open")
    return {"Waived": "waived", "Known": "baseline", "open": "open"}[note]


READ = {"sarif": read_sarif, "junit": read_junit, "gitlab": read_gitlab, "ocsf": read_ocsf, "asff": read_asff}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", NASTY)
def test_each_nasty_text_is_text(format: str, text: str) -> None:
    check_hostile(format, text, text)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=40, deadline=None)
@given(text=texts, other=texts)
def test_any_text_is_text(format: str, text: str, other: str) -> None:
    check_hostile(format, text, other)


def check_hostile(format: str, text: str, other: str) -> None:
    document = rendered(format, results.hostile(text, other))
    document.encode()
    assert len(CHECKS[format](document)) == 1
    texts_in_it = written(format, document)
    for one in texts_in_it:
        # Only paragraphs of a rule are lines, and only this writer's.
        assert all(visible(line) == line for line in one.split("\n")), one
    if format != "junit":
        assert document.isascii()
    links = [one for one in texts_in_it if re.match(r"\s*(javascript|data|vbscript):", one, re.I)]
    assert all("javascript" in text + other for _ in links)
    for one in uris(format, document):
        assert one in references(other or text) or re.fullmatch(r"[\w.~%/-]*", one), one


def references(other: str) -> set[str]:
    """The addresses in rules that may be links: rules are chosen by who scans, and `is_link` has looked at them."""
    return {one for one in (other, "https://example.com/a") if is_link(one)}


def uris(format: str, document: str) -> list[str]:
    """What a reader makes a link, or opens, of texts that strangers choose."""
    if format == "junit":
        return []
    data = json.loads(document)
    if format == "sarif":
        run = data["runs"][0]
        helps = [rule["helpUri"] for rule in run["tool"]["driver"]["rules"] if "helpUri" in rule]
        files = [where["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"] for where in one["locations"] if "physicalLocation" in where]  # fmt: skip
        assert not any("](" in one["message"]["text"] for one in run["results"])
        return [*helps, *files]
    if format == "gitlab":
        return [link["url"] for one in data["vulnerabilities"] for link in one.get("links", [])]
    if format == "asff":
        return [
            one["Remediation"]["Recommendation"]["Url"] for one in data if "Url" in one["Remediation"]["Recommendation"]
        ]
    return []


def test_the_help_of_a_rule_is_markdown_of_ours_only() -> None:
    for text in NASTY:
        document = json.loads(rendered("sarif", results.hostile("x", text)))
        for rule in document["runs"][0]["tool"]["driver"]["rules"]:
            check_markdown(rule["help"]["markdown"].replace("{{", "{").replace("}}", "}"), text)
    for text in NASTY:
        for one in json.loads(rendered("gitlab", results.hostile(text)))["vulnerabilities"]:
            check_markdown(one["description"], text)
            check_markdown(one["solution"], text)


def check_markdown(text: str, other: str) -> None:
    tokens = leaves(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text))
    assert not {token.type for token in tokens} & {
        "html_block",
        "html_inline",
        "image",
        "fence",
        "code_block",
        "heading_open",
    }
    assert {token.attrs["href"] for token in tokens if token.type == "link_open"} <= references(other)


def test_a_planned_resource_has_its_file_and_line_a_live_one_its_place() -> None:
    live = results.make(3).findings[0]
    planned = replace(live, file="modules/vpc/main.tf", line=12)
    nowhere = replace(live, file="a b:c.tf")
    result = replace(results.make(3), findings=(planned, live, nowhere))
    at = [one["locations"][0] for one in check_sarif(rendered("sarif", result))]
    assert at[0]["physicalLocation"] == {
        "artifactLocation": {"uri": "modules/vpc/main.tf"},
        "region": {"startLine": 12},
    }
    assert at[1].keys() == {"logicalLocations"}
    assert at[1]["logicalLocations"][0]["fullyQualifiedName"] == live.subject.arn
    assert at[2]["physicalLocation"] == {"artifactLocation": {"uri": "a%20b%3Ac.tf"}}
    gitlab = [one["location"] for one in check_gitlab(rendered("gitlab", result))]
    assert gitlab[0] == {"file": "modules/vpc/main.tf", "start_line": 12}
    assert gitlab[1] == {"file": f"{live.account_id}/{live.region or 'global'}/{live.subject.type}/{live.subject.arn}"}
    assert "file: modules/vpc/main.tf:12" in rendered("junit", result)


def test_gitlab_tells_all_live_findings_apart() -> None:
    found = check_gitlab(rendered("gitlab", results.make(60)))
    identities = {(one["identifiers"][0]["value"], one["location"]["file"]) for one in found}
    assert len(identities) == len({one["id"] for one in found}) == len(found)


def test_code_scanning_knows_a_finding_again_and_how_bad_it_is() -> None:
    result = results.make(12)
    run = json.loads(rendered("sarif", result))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "Bulkhead"
    for one, finding in zip(run["results"], result.findings, strict=True):
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["partialFingerprints"]["primaryLocationLineHash"] == f"{finding.fingerprint}:1"
    critical = next(rule for rule in rules if rule["id"] == "backup_isolation/copies_share_account")
    assert critical["properties"]["security-severity"] == "9.5"
    assert "security" in critical["properties"]["tags"]
    assert critical["helpUri"].startswith("https://docs.aws.amazon.com/")
    unseen = [rule for rule in rules if rule["id"].endswith(sarif.UNEVALUATED)]
    assert unseen
    assert not any("security-severity" in rule["properties"] for rule in unseen)


def test_what_was_not_read_is_said_where_the_format_has_a_place_for_it() -> None:
    result = results.make(12)
    notes = json.loads(rendered("sarif", result))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert any("a service control policy denies it" in note["message"]["text"] for note in notes)
    messages = json.loads(rendered("gitlab", result))["scan"]["messages"]
    assert {message["level"] for message in messages} == {"warn"}
    suites = {suite.attrib["name"]: suite for suite in ElementTree.fromstring(rendered("junit", result))}
    assert suites["not read"].attrib["skipped"] == suites["not read"].attrib["tests"] == str(len(notes))


def test_a_rule_that_passes_is_a_case_that_passes() -> None:
    result = results.make(3)
    root = ElementTree.fromstring(rendered("junit", result))
    passed = [case for case in root.iter("testcase") if case.find("failure") is None and case.find("skipped") is None]
    assert len(passed) == sum(rule.passed > 0 for rule in result.rules)
    nothing = replace(result, rules=tuple(replace(rule, passed=0) for rule in result.rules))
    root = ElementTree.fromstring(rendered("junit", nothing))
    assert all(len(case) for case in root.iter("testcase") if case.find("system-out") is None)
    assert not [case for case in root.iter("testcase") if case.find("system-out") is not None]


def test_findings_are_filed_where_they_are_imported() -> None:
    result = results.make(3)
    home = asff.Home("999988887777", "eu-west-1", "aws-us-gov")
    for here, there in zip(asff.records(result, home), asff.records(result), strict=True):
        assert here["AwsAccountId"] == "999988887777"
        arn = "arn:aws-us-gov:securityhub:eu-west-1:999988887777:product/999988887777/default"
        assert here["ProductArn"] == arn
        assert here["Id"] == there["Id"]
        assert here["ProductFields"]["bulkhead/account_id"] == there["AwsAccountId"]


def test_a_finding_keeps_its_identity_and_its_first_day() -> None:
    result = results.make(3)
    event = json.loads(rendered("ocsf", result))[0]
    finding = next(asff.records(result))
    assert event["metadata"]["uid"] == result.findings[0].fingerprint
    assert finding["Id"] == f"bulkhead/o-a1b2c3d4e5/{result.findings[0].fingerprint}"
    seen = [one["FirstObservedAt"] for one in asff.records(result)]
    assert set(seen) == {"2025-02-20T00:00:00Z", "2025-03-02T08:04:11Z"}
    assert {one["time"] for one in json.loads(rendered("ocsf", result))} == {1740902651000}


@pytest.mark.parametrize("format", [*FORMATS, "json", "csv"])
def test_large_reports_are_written_piece_by_piece(format: str) -> None:
    class Counting(io.StringIO):
        largest = 0

        def write(self, text: str) -> int:
            self.largest = max(self.largest, len(text))
            return len(text)

    small, large = Counting(), Counting()
    reports._module(format).write(results.make(12, 10.0), small)
    reports._module(format).write(results.make(12, 200.0), large)
    assert large.largest < 2 * small.largest + 4096


def test_formats_say_where_they_are_written() -> None:
    assert [reports.file_name(name) for name in reports.formats()] == [
        "findings.asff.json", "findings.csv", "report.gitlab.json", "report.html", "findings.json", "report.junit.xml",
        "report.md", "findings.ocsf.json", "report.sarif",
    ]  # fmt: skip
