"""EBS: whether an account blocks in a Region that snapshots of volumes are public."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call
from scanner.collect.reading import known
from scanner.policy import Row

SCOPE = "region"
CALLS = (Call("ec2.get_snapshot_block_public_access_state", ("public_sharing_blocks",)),)


def fetch(api: Api) -> Iterator[Row]:
    state = known(api.get("ec2.get_snapshot_block_public_access_state"))
    if state is not None:
        # block-new-sharing leaves snapshots open that are public already.
        # https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
        yield "public_sharing_blocks", {"service": "ebs", "blocks": state.get("State") == "block-all-sharing"}
