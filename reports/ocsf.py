"""findings.ocsf.json: a JSON array of OCSF 1.5 Compliance Findings (class 2003, with the cloud profile), by py-ocsf-models.

A finding that could not be evaluated has the compliance status Warning ("did not yield a result due to missing
information") and no severity of its own; one that somebody accepted is Suppressed. `unmapped` holds what the class has no
attribute for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

from reports import about
from reports.text import visible
from reports.values import harmless, instant
from scanner.findings import Finding, Result, RuleResult

if TYPE_CHECKING:
    from pydantic import BaseModel

EXTENSION = "ocsf.json"
STEM = "findings"

_STANDARDS = {
    "well-architected": "AWS Well-Architected Framework",
    "nist-800-53": "NIST SP 800-53",
    "cis-aws-3.0": "CIS AWS Foundations Benchmark 3.0",
}
_STATUS = {"waived": "Suppressed", "baseline": "Suppressed", "open": "New"}


def write(result: Result, stream: TextIO) -> None:
    """Write the array piece by piece, an event per line."""
    build = _builder(result)
    separator = "[\n"
    for finding in result.findings:
        stream.write(separator + build(finding).model_dump_json(exclude_none=True, ensure_ascii=True))
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


@cache
def _class() -> Any:
    # Half a second to import; who writes something else should not pay for it.
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
    from py_ocsf_models.objects.cloud import Cloud

    class CloudComplianceFinding(ComplianceFinding):  # type: ignore[misc]
        """The class with the attribute that the profile `cloud` adds to every class."""

        cloud: Cloud

    return CloudComplianceFinding


def _builder(result: Result) -> Callable[[Finding], BaseModel]:
    """Return the function that makes an event of a finding."""
    event, rules = _class(), about.rules(result)
    scanned = _milliseconds(result.scan.finished_at) or 0
    metadata = {
        "product": {"name": "Bulkhead", "vendor_name": "Bulkhead", "version": visible(result.scan.tool_version)},
        "profiles": ["cloud"],
    }
    organization = visible(result.scan.organization_id or "")

    def build(finding: Finding) -> BaseModel:
        rule = rules[finding.rule_id]
        made: BaseModel = event(
            class_name="Compliance Finding",
            activity_id=1,
            activity_name="Create",
            type_uid=200301,
            type_name="Compliance Finding: Create",
            time=scanned,
            message=about.sentence(finding),
            metadata={**metadata, "event_code": visible(finding.rule_id), "uid": visible(finding.fingerprint)},
            cloud=_cloud(finding, organization),
            finding_info=_information(finding, rule, scanned),
            compliance=_compliance(finding, rule),
            remediation={
                "desc": about.prose(finding.remediation),
                "references": [visible(one) for one in finding.references],
            },
            resources=[_resource(finding)],
            unmapped=_unmapped(finding),
            **_standing(finding),
        )
        return made

    return build


def _standing(finding: Finding) -> dict[str, Any]:
    """Return severity, confidence and status."""
    severity = "Unknown" if about.is_unevaluated(finding) else finding.severity.capitalize()
    status = _STATUS[finding.status]
    made: dict[str, Any] = {
        "severity": severity,
        "severity_id": {"Unknown": 0, "Low": 2, "Medium": 3, "High": 4, "Critical": 5}[severity],
        "status": status,
        "status_id": {"New": 1, "Suppressed": 3}[status],
        "confidence": visible(finding.confidence).capitalize(),
        "confidence_id": {"low": 1, "medium": 2, "high": 3}.get(finding.confidence, 0),
    }
    if detail := about.standing(finding):
        made["status_detail"] = detail
    return made


def _compliance(finding: Finding, rule: RuleResult) -> dict[str, Any]:
    required = [one.partition("/") for one in finding.references if one.partition("/")[0] in _STANDARDS]
    return {
        "status_id": 2 if about.is_unevaluated(finding) else 3,
        "control": visible(finding.rule_id),
        "category": visible(finding.principle),
        "desc": about.prose(rule.why),
        "requirements": [visible(name) for _, _, name in required],
        "standards": sorted({_STANDARDS[standard] for standard, _, _ in required}),
    }


def _information(finding: Finding, rule: RuleResult, scanned: int) -> dict[str, Any]:
    return {
        "uid": visible(finding.fingerprint),
        "title": about.title(rule, about.is_unevaluated(finding)),
        "desc": about.sentence(finding),
        "types": [visible(finding.principle)],
        "created_time": _milliseconds(finding.first_seen) or scanned,
        "first_seen_time": _milliseconds(finding.first_seen),
        "last_seen_time": scanned,
        "analytic": {"name": visible(rule.title), "uid": visible(finding.rule_id), "type": "Rule", "type_id": 1},
    }


def _cloud(finding: Finding, organization: str) -> dict[str, Any]:
    made: dict[str, Any] = {"provider": "AWS", "region": visible(finding.region or "global")}
    if organization:
        made["org"] = {"uid": organization}
    if finding.account_id:
        number = visible(finding.account_id)
        name = visible(finding.account_name or "") or number
        made["account"] = {"uid": number, "name": name, "type": "AWS Account", "type_id": 10}
    return made


def _resource(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    made = {
        "uid": visible(subject.arn or subject.id),
        "name": about.subject(finding),
        "type": visible(subject.type),
        "region": visible(finding.region or "global"),
        "data": {"evidence": harmless(finding.evidence)},
    }
    arn = (subject.arn or "").split(":")
    return {**made, "cloud_partition": visible(arn[1])} if len(arn) > 5 and arn[0] == "arn" else made


def _unmapped(finding: Finding) -> dict[str, Any]:
    fields = {
        "severity": finding.severity,
        "outcome": finding.outcome,
        "status": finding.status,
        "environment": finding.environment,
        "workload": finding.workload,
        "fixed_at": finding.fixed_at,
        "file": finding.file,
        "line": finding.line,
    }
    return {name: harmless(value) for name, value in fields.items() if value is not None}


def _milliseconds(text: str | None) -> int | None:
    moment = instant(text)
    return None if moment is None else int(moment.timestamp() * 1000)
