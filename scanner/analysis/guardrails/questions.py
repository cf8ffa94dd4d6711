"""What guardrails are asked for: who, which actions, where. Pure.

Actions that switch an audit service off or blind it:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples.html and
https://docs.aws.amazon.com/controltower/latest/controlreference/mandatory-controls.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.analysis.trust.conditions import ABSENT, Fact
from scanner.analysis.trust.organization import Organization
from scanner.analysis.trust.request import Caller, Request

SOMEBODY = "bulkhead-somebody"
NOWHERE = "nowhere-1"
"""A Region that no policy names, as the next one of AWS is none."""

ROOT, ANYBODY = ("root",), ("role", "user")
HOME_OF_GLOBAL = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-northwest-1"}
"""Calls of IAM and Organizations always go there, and `aws:RequestedRegion` says so
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion)."""


@dataclass(frozen=True, slots=True)
class Question:
    """What should be denied to these callers. Actions with the resource each is tried on; `{place}` is `REGION:ACCOUNT`.

    `region`: `nowhere`, `global` (see `HOME_OF_GLOBAL`), or empty where the caller chooses.
    """

    name: str
    callers: tuple[str, ...]
    actions: tuple[tuple[str, str], ...]
    region: str = ""


QUESTIONS = (
    Question("leave_organization", ANYBODY, (("organizations:LeaveOrganization", "*"),), "global"),
    # One power each of identities, machines, data and keys stands for the root user's all.
    Question(
        "root_user",
        ROOT,
        (
            ("iam:CreateUser", "arn:{partition}:iam::{account}:user/any"),
            ("iam:CreateRole", "arn:{partition}:iam::{account}:role/any"),
            ("ec2:RunInstances", "arn:{partition}:ec2:{place}:instance/*"),
            ("s3:DeleteBucket", "arn:{partition}:s3:::any"),
            ("kms:ScheduleKeyDeletion", "arn:{partition}:kms:{place}:key/any"),
        ),
    ),
    # S3 is left out: policies exempt it for its endpoint without a Region.
    Question(
        "other_regions",
        ANYBODY,
        (
            ("ec2:RunInstances", "arn:{partition}:ec2:{place}:instance/*"),
            ("rds:CreateDBInstance", "arn:{partition}:rds:{place}:db:any"),
            ("lambda:CreateFunction", "arn:{partition}:lambda:{place}:function:any"),
            ("dynamodb:CreateTable", "arn:{partition}:dynamodb:{place}:table/any"),
        ),
        "nowhere",
    ),
    Question(
        "cloudtrail",
        ANYBODY,
        (
            ("cloudtrail:StopLogging", "arn:{partition}:cloudtrail:{place}:trail/any"),
            ("cloudtrail:DeleteTrail", "arn:{partition}:cloudtrail:{place}:trail/any"),
            # A trail that selects no event, or delivers to a bucket of somebody else, records as little.
            ("cloudtrail:PutEventSelectors", "arn:{partition}:cloudtrail:{place}:trail/any"),
            ("cloudtrail:UpdateTrail", "arn:{partition}:cloudtrail:{place}:trail/any"),
        ),
    ),
    # A role that is created with a permissions boundary is another request: of this one the key is absent.
    Question("unbounded_roles", ANYBODY, (("iam:CreateRole", "arn:{partition}:iam::{account}:role/any"),), "global"),
    Question(
        "config",
        ANYBODY,
        (("config:StopConfigurationRecorder", "*"), ("config:DeleteConfigurationRecorder", "*")),
    ),
    Question(
        "guardduty",
        ANYBODY,
        (
            ("guardduty:DeleteDetector", "arn:{partition}:guardduty:{place}:detector/any"),
            ("guardduty:UpdateDetector", "arn:{partition}:guardduty:{place}:detector/any"),
            ("guardduty:DisassociateFromAdministratorAccount", "arn:{partition}:guardduty:{place}:detector/any"),
        ),
    ),
)


def requests(question: Question, account: str, partition: str, organization: Organization) -> Iterator[Request]:
    """Yield the requests of a question, the first action with every caller first."""
    place = f"{NOWHERE if question.region == 'nowhere' else '*'}:{account}"
    facts = {"nowhere": Fact((NOWHERE,)), "global": Fact((HOME_OF_GLOBAL.get(partition, NOWHERE),))}
    known = {"aws:requestedregion": facts[question.region]} if question.region else {}
    for action, pattern in question.actions:
        resource = pattern.format(partition=partition, account=account, place=place)
        for kind in question.callers:
            of_caller = {**known, **_facts(kind, account)}
            yield Request(
                _caller(kind, account, partition), action.lower(), resource, account, None, organization, of_caller
            )


def _caller(kind: str, account: str, partition: str) -> Caller:
    arn = f"arn:{partition}:iam::{account}:" + (kind if kind == "root" else f"{kind}/{SOMEBODY}")
    return Caller(kind, arn, account, partition, iam_arn=arn)


def _facts(kind: str, account: str) -> dict[str, Fact]:
    """What `Request` does not know of the root user; `aws:AssumedRoot` marks sessions of AssumeRoot, which are short."""
    facts = {"aws:assumedroot": ABSENT, "iam:permissionsboundary": ABSENT}
    if kind == "root":
        facts |= {"aws:principaltype": Fact(("Account",)), "aws:userid": Fact((account,)), "aws:username": ABSENT}
    return facts
