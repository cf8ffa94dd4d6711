"""IAM users' own credentials: console passwords and access keys, with their age. Never the secrets.

`get_account_authorization_details` has none of this. The credential report would, but asking for one makes it; when a key was last
used is not asked, as the read-only guard forbids that call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import UNREAD, Api, Call, Response, Unread, moment
from scanner.collect.reading import whole
from scanner.policy import Row

SCOPE = "account"
CALLS = (
    Call("iam.list_users", ("user_credentials",)),
    Call("iam.get_login_profile", ("user_credentials",)),
    Call("iam.list_access_keys", ("user_credentials",)),
)

NONE = ("NoSuchEntity",)


def fetch(api: Api) -> Iterator[Row]:
    for user in api.list("iam.list_users", "Users"):
        name = user["UserName"]
        profile = api.get("iam.get_login_profile", UserName=name, absent=NONE)
        keys = whole(api, "iam.list_access_keys", "AccessKeyMetadata", UserName=name)
        yield "user_credentials", {**password(user, profile), **active_keys(keys)}


def password(user: dict[str, Any], profile: Response | Unread | None) -> dict[str, Any]:
    """Whether a user has a console password. AWS shows the last use of one that is there, and of one that was."""
    return {
        "user_arn": user["Arn"],
        "has_password": None if profile is UNREAD else profile is not None,
        "password_used_at": moment(user.get("PasswordLastUsed")),
    }


def active_keys(keys: list[dict[str, Any]] | None) -> dict[str, Any]:
    if keys is None:
        return {"active_keys": None, "oldest_key_at": None}
    active = [moment(key.get("CreateDate")) for key in keys if key["Status"] == "Active"]
    return {
        "active_keys": len(active),
        "oldest_key_at": min(filter(None, active), default=None),
    }
