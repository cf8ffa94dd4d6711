"""AWS Config and Security Hub: what is switched on, and for whom."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.collect import config_aggregators, config_recorders, securityhub
from tests.collect.answers import config_aggregators as aggregators
from tests.collect.answers import config_recorders as recorders
from tests.collect.answers.securityhub import ANSWERS, POLICY
from tests.collect.fake import Refused, read, table_of

HUB, OURS = "securityhub.describe_hub", "securityhub.describe_organization_configuration"
LISTED = "securityhub.list_configuration_policy_associations"


def hub(changes: dict[str, Any], *refused: str) -> tuple[bool | None, str | None]:
    (row,) = table_of(read(securityhub, {**ANSWERS, **changes}, *refused), "security_hubs")
    return row["is_central"], row["auto_enables"]


def association(policy: str, kind: str) -> dict[str, Any]:
    return {
        "ConfigurationPolicyAssociationSummaries": [
            {"ConfigurationPolicyId": policy, "TargetId": "t", "TargetType": kind}
        ]
    }


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, (True, "ALL")),
        (
            {
                "securityhub.get_configuration_policy": {
                    "ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": False}}
                }
            },
            (True, "NONE"),
        ),
        ({LISTED: association("SELF_MANAGED_SECURITY_HUB", "ROOT")}, (True, "NONE")),
        ({LISTED: association(POLICY, "ACCOUNT")}, (True, "NONE")),
        ({LISTED: Refused("InvalidAccessException")}, (True, None)),
        ({OURS: {"AutoEnable": True, "OrganizationConfiguration": {"ConfigurationType": "LOCAL"}}}, (False, "NEW")),
        ({OURS: {"AutoEnable": False}}, (False, "NONE")),
        ({OURS: Refused("InvalidAccessException")}, (None, None)),
    ],
)
def test_how_security_hub_enrols_accounts(changes: dict[str, Any], found: tuple[bool | None, str | None]) -> None:
    assert hub(changes) == found


def test_a_refused_policy_is_no_answer() -> None:
    assert hub({}, "securityhub.get_configuration_policy") == (True, None)
    assert hub({}, OURS) == (None, None)


def test_security_hub_that_is_off_has_no_row() -> None:
    assert read(securityhub, {**ANSWERS, HUB: Refused("InvalidAccessException")}) == []


def test_recorders_tell_what_they_leave_out_and_whose_they_are() -> None:
    own, other = table_of(read(config_recorders, recorders.ANSWERS), "configuration_recorders")
    assert (own["records_all"], own["resource_types"], own["excluded_types"]) == (
        True,
        [],
        ["AWS::EC2::NetworkInterface"],
    )
    assert (own["service_principal"], own["is_recording"]) == (None, True)
    assert (other["records_all"], other["resource_types"]) == (False, ["AWS::EC2::Instance", "AWS::EC2::VPC"])
    assert other["service_principal"] == "observabilityadmin.amazonaws.com"


def test_whether_a_recorder_runs_is_a_gap_where_it_was_not_told() -> None:
    rows = table_of(
        read(config_recorders, recorders.ANSWERS, config_recorders.CALLS[1].name), "configuration_recorders"
    )
    assert [row["is_recording"] for row in rows] == [None, None]


def test_aggregators_tell_whom_they_gather_from_and_what_they_leave_out() -> None:
    whole, listed = table_of(read(config_aggregators, aggregators.ANSWERS), "configuration_aggregators")
    assert (whole["of_organization"], whole["all_regions"], whole["regions"], whole["accounts"]) == (True, True, [], [])
    assert (whole["created_by"], whole["is_filtered"]) == (None, False)
    assert whole["role_arn"].endswith("/ConfigReader")
    assert (listed["of_organization"], listed["all_regions"], listed["role_arn"]) == (False, False, None)
    assert (listed["regions"], listed["accounts"]) == (["eu-west-1", "us-east-1"], ["111122223333", "444455556666"])
    assert (listed["created_by"], listed["is_filtered"]) == ("controltower.amazonaws.com", True)
