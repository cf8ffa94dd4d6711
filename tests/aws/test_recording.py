"""Recorded and replayed: the same rows, the same gaps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner.aws.recording import Recorder, Replay
from scanner.collect.api import Call, Place, ReadError, Response
from scanner.collect.run import all_calls
from scanner.errors import RecordingError
from scanner.snapshot.tables import TABLES
from tests.collect.fake import paginated, split
from tests.rule import organization
from tests.rule.memory import Rows, collected

ACCOUNT, REGION = "111122223333", "eu-west-1"
VPCS = Call("ec2.describe_vpcs", ("vpcs",))
POLICY = Call("kms.get_key_policy", ("kms_keys",))
HERE = Place(ACCOUNT, REGION)


class Paging:
    """An estate that answers like another one, in pages of one item; from its second page on it refuses `broken`."""

    def __init__(self, inner: Any, broken: frozenset[str] = frozenset()):
        self._inner = inner
        self._broken = broken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        for answer in self._inner.pages(place, call, params):
            pages = list(split(answer)) if paginated(call) else [answer]
            for number, page in enumerate(pages):
                if number and call.name in self._broken:
                    raise ReadError("throttled", "Throttling: Rate exceeded", code="Throttling")
                yield {**page, "NextToken": f"page {number}", "ResponseMetadata": {"HTTPStatusCode": 200}}


def comparable(rows: Rows) -> dict[str, set[tuple[Any, ...]]]:
    """Rows in any order, without the counts of requests and items."""
    names = TABLES["coverage"].names
    counted = [names.index(name) for name in ("items", "failed", "requests")]
    found = {}
    for table, given in rows.items():
        if table == "coverage":
            given = [tuple(value for place, value in enumerate(row) if place not in counted) for row in given]
        found[table] = {repr(row) for row in given}
    return found  # type: ignore[return-value]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return organization.write(tmp_path_factory.mktemp("organization"))


def put(root: Path, content: Any, call: Call = VPCS) -> Replay:
    path = root / ACCOUNT / REGION / call.client / f"{call.method}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return Replay(root)


def read(replay: Replay, call: Call = VPCS, **params: Any) -> Any:
    """The answers of one call; the status instead when it ends in an error."""
    found: list[Any] = []
    try:
        for page in replay.pages(HERE, call, params):
            found.append(page)
    except ReadError as error:
        found.append(error.status)
    return found


def test_a_recorded_run_replays_as_the_same_rows(recording: Path, tmp_path: Path) -> None:
    live = collected(Recorder(Paging(Replay(recording)), tmp_path / "kept")).tables()
    replayed = collected(Replay(tmp_path / "kept")).tables()
    assert comparable(replayed) == comparable(live)
    assert len(live["tags"]) > 50
    kept = {path.stem for path in (tmp_path / "kept").rglob("*.json")}
    assert kept <= {call.method for call in all_calls()}
    assert "NextToken" not in "".join(path.read_text() for path in (tmp_path / "kept").rglob("*.json"))


def test_an_error_after_some_pages_replays_with_these_pages_and_the_same_status(
    recording: Path, tmp_path: Path
) -> None:
    broken = frozenset({"iam.get_account_authorization_details", "rds.describe_db_instances", "s3.list_buckets"})
    live = collected(Recorder(Paging(Replay(recording), broken), tmp_path / "kept")).tables()
    replayed = collected(Replay(tmp_path / "kept")).tables()
    assert comparable(replayed) == comparable(live)
    names = TABLES["coverage"].names
    status = {dict(zip(names, row, strict=True))["status"] for row in replayed["coverage"]}
    assert {"throttled", "collected"} <= status
    assert live["databases"], "the first page came before the error"


def test_recorded_files_are_private(recording: Path, tmp_path: Path) -> None:
    collected(Recorder(Replay(recording), tmp_path / "kept"))
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "kept").rglob("*")}
    assert modes == {0o600, 0o700}


def test_what_may_hold_secrets_or_tells_about_people_is_never_kept(tmp_path: Path) -> None:
    listing = next(call for call in all_calls() if call.name == "lambda.list_functions")
    function = {"FunctionName": "orders", "Environment": {"Variables": {"PASSWORD": "hunter2"}}}
    put(tmp_path / "live", {"Functions": [function]}, listing)
    recorder = Recorder(Replay(tmp_path / "live"), tmp_path / "kept")
    assert list(recorder.pages(HERE, listing, {})) == [{"Functions": [function]}]
    recorder.unit_done(ACCOUNT)
    assert read(Replay(tmp_path / "kept"), listing) == [{"Functions": [{"FunctionName": "orders"}]}]


def test_recording_again_replaces_answers_instead_of_adding_them(recording: Path, tmp_path: Path) -> None:
    for _ in range(2):
        collected(Recorder(Replay(recording), tmp_path / "kept"))
    for path in (tmp_path / "kept").rglob("*.json"):
        content = json.loads(path.read_text())
        if isinstance(content, list):
            requests = [json.dumps(entry["request"], sort_keys=True) for entry in content]
            assert len(requests) == len(set(requests)), path


def test_a_lone_response_answers_what_only_pages_or_narrows(tmp_path: Path) -> None:
    replay = put(tmp_path, {"Vpcs": []})
    assert read(replay) == read(replay, MaxResults=5, NextToken="x") == [{"Vpcs": []}]
    assert read(replay, Filters=[{"Name": "a", "Values": ["b"]}]) == [{"Vpcs": []}]
    assert read(replay, VpcIds=["vpc-1"]) == ["not_recorded"], "it may not be the answer to this"


def test_listed_requests_are_found_without_paging_and_in_any_order(tmp_path: Path) -> None:
    entries = [
        {"request": {"VpcIds": ["a", "b"], "MaxResults": 1000}, "response": {"Vpcs": [1]}},
        {"request": {}, "response": {"Vpcs": [2]}},
    ]
    replay = put(tmp_path, entries)
    assert read(replay, VpcIds=["b", "a"]) == [{"Vpcs": [1]}]
    assert read(replay, NextToken="x") == [{"Vpcs": [2]}]
    assert read(replay, VpcIds=["c"]) == ["not_recorded"]
    put(tmp_path, [{"request": {"KeyId": "k", "PolicyName": "default"}, "response": {"Policy": "{}"}}], POLICY)
    assert read(Replay(tmp_path), POLICY, PolicyName="default", KeyId="k") == [{"Policy": "{}"}]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"Error": {"Code": "AccessDenied", "Message": "no"}}, ["access_denied"]),
        ({"Error": {"Code": "Throttling"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, ["throttled"]),
        (
            {"Vpcs": [1], "Error": {"Code": "InternalError"}},
            [{"Vpcs": [1], "Error": {"Code": "InternalError"}}, "failed"],
        ),
        ({}, [{}]),
    ],
)
def test_a_recorded_error_is_the_error_it_was(tmp_path: Path, content: Any, expected: Any) -> None:
    assert read(put(tmp_path, content)) == expected


def test_what_is_not_there_is_a_gap_and_no_empty_answer(tmp_path: Path) -> None:
    replay = put(tmp_path, {})
    assert read(replay, Call("ec2.describe_subnets", ("subnets",))) == ["not_recorded"]
    with pytest.raises(ReadError) as caught:
        replay.enter("999999999999")
    assert caught.value.status == "not_recorded"


def test_an_account_without_regions_has_one_gap_for_all_of_them(tmp_path: Path) -> None:
    (tmp_path / ACCOUNT / "global").mkdir(parents=True)
    assert Replay(tmp_path).regions(ACCOUNT) == ("*",)


@pytest.mark.parametrize("content", ["not json", "{", '{"Vpcs": [', "\x80"])
def test_a_broken_file_is_one_error_that_names_it(recording: Path, tmp_path: Path, content: str) -> None:
    put(tmp_path, {})
    (tmp_path / ACCOUNT / REGION / "ec2" / "describe_vpcs.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(RecordingError, match=r"describe_vpcs\.json"):
        collected(Replay(tmp_path))


@pytest.mark.parametrize("content", ["5", "null", '"text"', '["x"]', "[[]]", '[{"request": {}}]', '{"Vpcs": 3}', '{"Vpcs": [{}]}', '{"Vpcs": null}'])  # fmt: skip
def test_a_file_of_another_shape_ends_its_unit_and_no_other(tmp_path: Path, content: str) -> None:
    put(tmp_path, content)
    put(tmp_path, {"Volumes": []}, Call("ec2.describe_volumes", ("volumes",)))
    rows = collected(Replay(tmp_path)).tables()
    names = TABLES["coverage"].names
    ledger = {row[names.index("call")]: row[names.index("status")] for row in rows["coverage"]}
    if content != '{"Vpcs": null}':  # AWS leaves empty lists out, some SDKs write null
        assert ledger["ec2.describe_vpcs"] != "collected"
    assert ledger["ec2.describe_volumes"] == "collected"
    assert rows["vpcs"] == []


def test_a_directory_that_is_no_recording_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="is not a directory"):
        Replay(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="is not a directory"):
        Replay(tmp_path / "file")
    (tmp_path / "eu-west-1").mkdir()
    with pytest.raises(RecordingError, match="holds no recording"):
        Replay(tmp_path)


def test_the_caller_is_the_management_account_wherever_it_sorts(recording: Path, tmp_path: Path) -> None:
    assert Replay(recording).caller().account_id == organization.MANAGEMENT
    for account, managing in (("100000000001", "200000000002"), ("200000000002", "200000000002")):
        path = tmp_path / account / "global" / "organizations" / "describe_organization.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"Organization": {"MasterAccountId": managing}}))
    assert Replay(tmp_path).caller().account_id == "200000000002"
