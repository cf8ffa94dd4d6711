"""Which aggregator is read, and what the command line says where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.aws.aggregator.estate import HELD
from scanner.aws.aggregator.find import find
from scanner.aws.aggregator.held import types_of
from scanner.aws.recording import Replay
from scanner.cli import main
from scanner.errors import UsageError
from tests.aws.aggregator import items
from tests.rule import organization as o

TYPES = types_of(HELD.values())
DELEGATES = {
    "DelegatedAdministrators": [{"Id": o.BACKUP, "Arn": "a", "Name": "b", "Status": "ACTIVE"}],
}
SERVICES = [
    {
        "request": {"AccountId": o.BACKUP},
        "response": {"DelegatedServices": [{"ServicePrincipal": "config.amazonaws.com"}]},
    }
]


def aggregators(account: str, region: str, *names: str, whole: bool = True) -> items.Answers:
    found = [
        {
            "ConfigurationAggregatorName": name,
            "ConfigurationAggregatorArn": f"arn:aws:config:{region}:{account}:config-aggregator/{name}",
            **({"OrganizationAggregationSource": {"RoleArn": "r", "AllAwsRegions": True}} if whole else {}),
        }
        for name in names
    ]
    return {(account, region, "config.describe_configuration_aggregators"): {"ConfigurationAggregators": found}}


def test_the_one_of_the_organization_beats_those_of_some_accounts(tmp_path: Path) -> None:
    found = aggregators(o.MANAGEMENT, o.HERE, "some", whole=False) | aggregators(o.MANAGEMENT, o.THERE, "all")
    assert find(Replay(items.write(tmp_path, found)), None).name == "all"


def test_it_is_looked_for_where_it_is_delegated(tmp_path: Path) -> None:
    found = aggregators(o.BACKUP, o.THERE, "all") | {
        (o.MANAGEMENT, "global", "organizations.list_delegated_administrators"): DELEGATES,
        (o.MANAGEMENT, "global", "organizations.list_delegated_services_for_account"): SERVICES,
        (o.MANAGEMENT, "global", "organizations.describe_organization"): {"Organization": {"MasterAccountId": o.MANAGEMENT}},
    }  # fmt: skip
    one = find(Replay(items.write(tmp_path, found)), None)
    assert (one.place.account_id, one.place.region, one.name) == (o.BACKUP, o.THERE, "all")


def test_a_named_one_is_read_where_it_is(tmp_path: Path) -> None:
    found = aggregators(o.MANAGEMENT, o.HERE, "all") | aggregators(o.ORDERS, o.HERE, "other", whole=False)
    wanted = f"arn:aws:config:{o.HERE}:{o.ORDERS}:config-aggregator/other"
    assert find(Replay(items.write(tmp_path, found)), wanted).name == "other"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (None, "no aggregator of AWS Config was found"),
        ("config-aggregator-1", "not the ARN of an aggregator"),
        (f"arn:aws:config:{o.HERE}:{o.MANAGEMENT}:config-aggregator/x", "no aggregator of AWS Config was found"),
    ],
)
def test_without_one_there_is_one_clear_error(tmp_path: Path, wanted: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find(Replay(items.write(tmp_path, aggregators(o.MANAGEMENT, o.HERE))), wanted)


def test_the_command_line_reads_through_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = items.base()
    answers = items.with_aggregator(found, items.everything(found), TYPES)
    recording = str(items.write(tmp_path / "r", answers))
    out = ["--out", str(tmp_path / "out"), "--quiet"]
    assert main(["collect", "--recorded", recording, "--source", "config-aggregator", *out]) == 0
    manifest = json.loads((tmp_path / "out" / "bulkhead.snapshot" / "manifest.json").read_text())
    assert manifest["source"] == "config-aggregator"
    capsys.readouterr()
    wrong = ["--source", "config-aggregator", "--aggregator", "mine", "--out", str(tmp_path / "two"), "--quiet"]
    assert main(["collect", "--recorded", recording, *wrong]) == 2
    assert "--aggregator mine: not the ARN" in capsys.readouterr().err
    assert main(["collect", "--recorded", recording, "--aggregator", items.ARN, *out]) == 2
    assert "--aggregator goes with --source config-aggregator" in capsys.readouterr().err
