"""Cross-account backup switched on."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "backup.describe_global_settings": {
        "GlobalSettings": {"isCrossAccountBackupEnabled": "true", "isMpaEnabled": "false"}
    }
}
