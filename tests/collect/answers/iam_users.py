"""One user with a password and two keys, one of them switched off; one with neither."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.collect.fake import Refused

HERE = "arn:aws:iam::111122223333:user"
MADE = datetime(2021, 5, 1, tzinfo=UTC)


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"Path": "/", "UserName": name, "UserId": f"AIDA{name:0>16}", "Arn": f"{HERE}/{name}", "CreateDate": MADE, **more}  # fmt: skip


ANSWERS: dict[str, Any] = {
    "iam.list_users": {"Users": [user("joe", PasswordLastUsed=datetime(2024, 1, 2, tzinfo=UTC)), user("ann")]},
    "iam.get_login_profile": [
        ({"UserName": "joe"}, {"LoginProfile": {"UserName": "joe", "CreateDate": MADE}}),
        ({}, Refused("NoSuchEntity")),
    ],
    "iam.list_access_keys": [
        (
            {"UserName": "joe"},
            {
                "AccessKeyMetadata": [
                    {"UserName": "joe", "AccessKeyId": "AKIAEXAMPLEEXAMPLE01", "Status": "Active", "CreateDate": MADE},
                    {
                        "UserName": "joe",
                        "AccessKeyId": "AKIAEXAMPLEEXAMPLE02",
                        "Status": "Inactive",
                        "CreateDate": MADE,
                    },
                ]
            },
        ),
        ({}, {"AccessKeyMetadata": []}),
    ],
}
