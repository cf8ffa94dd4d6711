"""S3: what an account blocks from being public, for all of its buckets."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.collect.api import Api, Call, Unread
from scanner.collect.s3 import NO_BLOCK, blocked
from scanner.policy import Row

SCOPE = "account"
CALLS = (Call("s3control.get_public_access_block", ("public_sharing_blocks",), "s3:GetAccountPublicAccessBlock"),)


def fetch(api: Api) -> Iterator[Row]:
    block = api.get("s3control.get_public_access_block", absent=NO_BLOCK, AccountId=api.account_id)
    if not isinstance(block, Unread):
        yield "public_sharing_blocks", {"service": "s3", "blocks": blocked(block)}
