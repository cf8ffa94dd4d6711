"""An account that blocks access control lists and new public policies, and lets those that are there be."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "s3control.get_public_access_block": {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False,
        }
    },
}
