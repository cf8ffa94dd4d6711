"""An organization that lets no snapshot be public."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "ec2.get_snapshot_block_public_access_state": {"State": "block-all-sharing", "ManagedBy": "declarative-policy"}
}
