"""Identity store of IAM Identity Center: names of groups and users. Of people nothing else is kept: ids and user names.

Who is in which group is read by `sso_admin`, which knows what groups matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.collect.api import Api, Call
from scanner.collect.identity_center import finding_calls, home
from scanner.policy import Row

SCOPE = "organization"
PERSONAL = (
    "Addresses",
    "Birthdate",
    "Emails",
    "Locale",
    "Name",
    "NickName",
    "PhoneNumbers",
    "Photos",
    "ProfileUrl",
    "Roles",
    "Timezone",
    "Title",
    "Website",
)
"""https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html"""
CALLS = (
    *finding_calls(("identity_groups", "identity_users")),
    Call("identitystore.list_groups", ("identity_groups",)),
    Call("identitystore.list_users", ("identity_users",), hides=PERSONAL),
)


def fetch(api: Api) -> Iterator[Row]:
    found = home(api)
    if found is None:
        return
    asked: dict[str, Any] = {"region": found.region, "IdentityStoreId": found.store}
    for group in api.list("identitystore.list_groups", "Groups", **asked):
        row = {"group_id": group["GroupId"], "name": group.get("DisplayName")}
        yield "identity_groups", {**row, "identity_store_id": found.store}
    for user in api.list("identitystore.list_users", "Users", **asked):
        row = {"user_id": user["UserId"], "name": user.get("UserName")}
        yield "identity_users", {**row, "identity_store_id": found.store}
