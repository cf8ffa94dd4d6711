"""IAM Identity Center: how the people of Harbour Goods enter its accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scanner.demo.estate import Account, allow
from scanner.demo.roles import ADMINISTRATOR, READ_ONLY

POWER_USER = "arn:aws:iam::aws:policy/PowerUserAccess"
MEMBERS = {
    "platform-engineers": ["ada", "bela"],
    "auditors": ["carla"],
    "checkout-developers": ["dilan", "emre"],
    "orders-operators": ["fay"],
    "break-glass-operators": ["ada"],
}
"""Group -> its members. `nour` is assigned directly."""


class Directory:
    """The instance of the organization: makes groups, users, permission sets and assignments."""

    def __init__(self, management: Account):
        self._management = management
        self._center = management.client("sso-admin")
        self._store = management.client("identitystore")
        instance = self._center.list_instances()["Instances"][0]
        self._instance, self._store_id = instance["InstanceArn"], instance["IdentityStoreId"]
        self._ids: dict[str, str] = {}

    def user(self, name: str) -> None:
        if name not in self._ids:
            made = self._store.create_user(
                IdentityStoreId=self._store_id,
                UserName=name,
                DisplayName=name.title(),
                Name={"GivenName": name.title(), "FamilyName": "Harbour"},
                Emails=[{"Value": f"{name}@harbour-goods.example", "Primary": True}],
            )
            self._remember(name, "user", made["UserId"])

    def group(self, name: str, members: Iterable[str]) -> None:
        made = self._store.create_group(IdentityStoreId=self._store_id, DisplayName=name)
        self._remember(name, "group", made["GroupId"])
        for member in members:
            self.user(member)
            self._store.create_group_membership(
                IdentityStoreId=self._store_id, GroupId=made["GroupId"], MemberId={"UserId": self._ids[member]}
            )

    def _remember(self, name: str, kind: str, identifier: str) -> None:
        self._ids[name] = identifier
        self._management.remember(name, f"arn:aws:identitystore:::{kind}/{identifier}")

    def permission_set(self, name: str, *, managed: str | None = None, inline: str | None = None) -> str:
        made = self._center.create_permission_set(
            Name=name,
            InstanceArn=self._instance,
            SessionDuration="PT4H",
            Tags=self._management.resource_tags(name),
        )
        arn: str = made["PermissionSet"]["PermissionSetArn"]
        whose = {"InstanceArn": self._instance, "PermissionSetArn": arn}
        if managed:
            self._center.attach_managed_policy_to_permission_set(**whose, ManagedPolicyArn=managed)
        if inline:
            self._center.put_inline_policy_to_permission_set(**whose, InlinePolicy=inline)
        return arn

    def assign(self, principal: str, permission_set: str, accounts: Iterable[Account]) -> None:
        for account in accounts:
            self._center.create_account_assignment(
                InstanceArn=self._instance,
                TargetId=account.id,
                TargetType="AWS_ACCOUNT",
                PermissionSetArn=permission_set,
                PrincipalType="GROUP" if principal in MEMBERS else "USER",
                PrincipalId=self._ids[principal],
            )


def build_identity_center(management: Account, accounts: Mapping[str, Account]) -> None:
    """Two who change production and test alike; everybody else reads, stays in one environment, or breaks glass."""
    directory = Directory(management)
    for group, members in MEMBERS.items():
        directory.group(group, members)
    directory.user("nour")

    def named(*names: str) -> list[Account]:
        return [accounts[name] for name in names]

    administrator = directory.permission_set("AdministratorAccess", managed=ADMINISTRATOR)
    directory.assign("platform-engineers", administrator, named("checkout-production", "checkout-test"))
    directory.assign("break-glass-operators", administrator, accounts.values())
    directory.assign("auditors", directory.permission_set("ReadOnlyAccess", managed=READ_ONLY), accounts.values())
    power_user = directory.permission_set("PowerUserAccess", managed=POWER_USER)
    directory.assign("checkout-developers", power_user, named("checkout-test"))
    restart = directory.permission_set("OrdersOperator", inline=allow(["ec2:RebootInstances", "rds:RebootDBInstance"]))
    directory.assign("orders-operators", restart, named("orders-production"))
    publish = directory.permission_set("CampaignPublisher", inline=allow(["s3:PutObject", "s3:GetObject"]))
    directory.assign("nour", publish, named("marketing-production", "marketing-test"))
