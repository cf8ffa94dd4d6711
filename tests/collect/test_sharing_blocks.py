"""What accounts block from being public."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.collect import ebs_public_access, s3_account
from tests.collect.answers import s3_account as s3_answers
from tests.collect.fake import Refused, read, table_of


@pytest.mark.parametrize(
    ("answer", "blocks"),
    [
        ({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}, True),
        (s3_answers.ANSWERS["s3control.get_public_access_block"], False),
        (Refused("NoSuchPublicAccessBlockConfiguration"), False),
    ],
)
def test_what_an_account_blocks(answer: Any, blocks: bool) -> None:
    rows = read(s3_account, {"s3control.get_public_access_block": answer})
    assert table_of(rows, "public_sharing_blocks") == [{"service": "s3", "blocks": blocks}]


@pytest.mark.parametrize(
    ("state", "blocks"), [("block-all-sharing", True), ("block-new-sharing", False), ("unblocked", False)]
)
def test_only_one_state_closes_snapshots_that_are_public(state: str, blocks: bool) -> None:
    answers = {"ec2.get_snapshot_block_public_access_state": {"State": state}}
    assert table_of(read(ebs_public_access, answers), "public_sharing_blocks") == [{"service": "ebs", "blocks": blocks}]
