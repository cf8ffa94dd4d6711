"""findings.asff.json: AWS Security Finding Format, what `BatchImportFindings` of Security Hub takes.

A finding that could not be evaluated has the compliance status WARNING ("some information is missing") and the severity
INFORMATIONAL; what somebody accepted has the workflow status SUPPRESSED. Lengths are those of the API's reference
("AwsSecurityFinding") and of the user guide ("Other object in ASFF"). With the default product ARN `AwsAccountId` has to be the account that imports, so `--push-security-hub`
sends everything with its own; the account a finding is about is in `Resources` and `ProductFields`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from reports import about
from reports.lines import write_list
from reports.text import clipped, visible
from reports.values import instant, shown
from scanner.findings import Finding, Result, RuleResult

EXTENSION = "asff.json"
STEM = "findings"

TYPE = "Software and Configuration Checks/AWS Security Best Practices"
RESOURCE_TYPES = {"account": "AwsAccount", "role": "AwsIamRole", "bucket": "AwsS3Bucket", "vpc": "AwsEc2Vpc"}
HOME_REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""Where a finding without a Region is filed."""
_FIELDS = 40
_NO_ACCOUNT = "000000000000"


@dataclass(frozen=True, slots=True)
class Home:
    """Where findings are imported: the account that imports and a Region in which Security Hub is on."""

    account_id: str
    region: str
    partition: str


def write(result: Result, stream: TextIO) -> None:
    """Write a JSON array, a finding per line, each filed under the account and Region it is about."""
    write_list(records(result), stream)
    stream.write("\n")


def records(result: Result, home: Home | None = None) -> Iterator[dict[str, Any]]:
    """Yield every finding; with `home` filed there, otherwise under the account and Region it is about."""
    rules = about.rules(result)
    management = next((account.id for account in result.accounts if account.is_management), _NO_ACCOUNT)
    scanned = instant(result.scan.finished_at) or datetime.fromtimestamp(0, UTC)
    organization = result.scan.organization_id or management
    for finding in result.findings:
        at = home or _home(finding, management)
        made = _record(finding, rules[finding.rule_id], scanned)
        yield {
            "SchemaVersion": "2018-10-08",
            "Id": _said(f"bulkhead/{organization}/{finding.fingerprint}", 512),
            "ProductArn": f"arn:{at.partition}:securityhub:{at.region}:{at.account_id}:product/{at.account_id}/default",
            "AwsAccountId": at.account_id,
            **made,
        }


def _home(finding: Finding, management: str) -> Home:
    partition = _partition(finding)
    account_id = _said(finding.account_id or management, 32)
    return Home(account_id, visible(finding.region or "") or HOME_REGIONS[partition], partition)


def _partition(finding: Finding) -> str:
    arn = (finding.subject.arn or "").split(":")
    return arn[1] if len(arn) > 1 and arn[1] in HOME_REGIONS else "aws"


def _record(finding: Finding, rule: RuleResult, scanned: datetime) -> dict[str, Any]:
    unevaluated = about.is_unevaluated(finding)
    severity = {
        "Label": "INFORMATIONAL" if unevaluated else finding.severity.upper(),
        "Original": _said(finding.severity, 64),
    }
    first_seen = instant(finding.first_seen) or scanned
    made: dict[str, Any] = {
        "ProductName": "Bulkhead",
        "CompanyName": "Bulkhead",
        "GeneratorId": _said(f"bulkhead/{finding.rule_id}", 512),
        "Types": [TYPE],
        "FirstObservedAt": _time(first_seen),
        "LastObservedAt": _time(scanned),
        "CreatedAt": _time(first_seen),
        "UpdatedAt": _time(scanned),
        "Severity": severity,
        "FindingProviderFields": {"Severity": severity, "Types": [TYPE]},
        "Title": _said(about.title(rule, unevaluated), 256),
        "Description": _said(about.sentence(finding), 1024),
        "Remediation": {"Recommendation": _recommendation(finding)},
        "ProductFields": dict(_product_fields(finding)),
        "Resources": [_resource(finding)],
        "Compliance": _compliance(finding),
        "Workflow": {"Status": "NEW" if finding.status == "open" else "SUPPRESSED"},
        "RecordState": "ACTIVE",
    }
    if finding.status != "open":
        note = _said(about.standing(finding), 512)
        owner = _said(finding.waiver.owner, 512) if finding.waiver else "bulkhead"
        made["Note"] = {"Text": note, "UpdatedBy": owner, "UpdatedAt": _time(scanned)}
    return made


def _compliance(finding: Finding) -> dict[str, Any]:
    if not about.is_unevaluated(finding):
        return {"Status": "FAILED"}
    reason = {"ReasonCode": "NOT_EVALUATED", "Description": _said(finding.message, 1024)}
    return {"Status": "WARNING", "StatusReasons": [reason]}


def _recommendation(finding: Finding) -> dict[str, str]:
    made = {"Text": _said(" ".join(about.prose(finding.remediation).split()), 512)}
    links = about.links(finding.references)
    return {**made, "Url": clipped(links[0], 2048)} if links else made


def _product_fields(finding: Finding) -> Iterator[tuple[str, str]]:
    fields = {
        "rule": finding.rule_id,
        "principle": finding.principle,
        "severity": finding.severity,
        "outcome": finding.outcome,
        "status": finding.status,
        "confidence": finding.confidence,
        "fingerprint": finding.fingerprint,
        "account_id": finding.account_id,
        "account_name": finding.account_name,
        "environment": finding.environment,
        "workload": finding.workload,
        "fixed_at": finding.fixed_at,
        "file": about.source(finding),
        "references": " ".join(finding.references),
    }
    yield from ((f"bulkhead/{name}", _said(value, 2048)) for name, value in fields.items() if value)


def _resource(finding: Finding) -> dict[str, Any]:
    subject = finding.subject
    account = subject.type == "account" and finding.account_id
    evidence = list(finding.evidence.items())[:_FIELDS]
    details = {_said(key, 127): _said("; ".join(shown(value)), 1023) for key, value in evidence}
    about_it = {"subject_type": _said(subject.type, 1023), "subject_name": _said(about.subject(finding), 1023)}
    made: dict[str, Any] = {
        "Type": RESOURCE_TYPES.get(subject.type, "Other"),
        "Id": _said(f"AWS::::Account:{finding.account_id}" if account else subject.arn or subject.id, 512),
        "Partition": _partition(finding),
        "Details": {"Other": {**details, **about_it}},
    }
    return {**made, "Region": _said(finding.region, 64)} if finding.region else made


def _said(text: str, width: int) -> str:
    """Return visible text of at most `width` characters; Security Hub refuses an empty or blank one."""
    return clipped(visible(text), width).strip() or "-"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
