"""IAM roles and what their trust policies say."""

from __future__ import annotations

from typing import Any

from scanner.demo.estate import Account, document

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
GITHUB = "token.actions.githubusercontent.com"

Statement = dict[str, Any]


def trust_aws(principal: str | list[str], condition: dict[str, Any] | None = None) -> Statement:
    """Let these AWS principals (ARNs, account ids, `*`) assume the role."""
    statement: Statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**statement, "Condition": condition} if condition else statement


def trust_service(service: str) -> Statement:
    """Let an AWS service assume the role."""
    return {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}


def trust_github(account: Account, subject: str | None) -> Statement:
    """Let GitHub Actions assume the role: of one repository and branch, or of any when `subject` is None."""
    conditions: dict[str, Any] = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    if subject is not None:
        conditions["StringLike"] = {f"{GITHUB}:sub": subject}
    return {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{account.id}:oidc-provider/{GITHUB}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }


def make_role(
    account: Account,
    name: str,
    trust: Statement,
    *,
    managed: str | None = None,
    inline: dict[str, str] | None = None,
    description: str = "",
    tags: dict[str, str | None] | None = None,
) -> str:
    """A role with this one trust statement, a managed policy and inline policies (name -> document)."""
    iam = account.client("iam")
    arn = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=document(trust),
        Description=description,
        Tags=account.resource_tags(name, **(tags or {})),
    )["Role"]["Arn"]
    if managed is not None:
        iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    for policy, text in (inline or {}).items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=text)
        account.remember(f"{name}/{policy}", arn)
    return account.remember(name, arn)


def make_policy(account: Account, name: str, text: str) -> str:
    """A customer managed policy."""
    made = account.client("iam").create_policy(PolicyName=name, PolicyDocument=text, Tags=account.resource_tags(name))
    return account.remember(name, made["Policy"]["Arn"])


def make_github_provider(account: Account) -> None:
    """The identity provider GitHub Actions log in through."""
    account.client("iam").create_open_id_connect_provider(
        Url=f"https://{GITHUB}",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
        Tags=account.resource_tags("github"),
    )


def harden_access_role(account: Account, management: str) -> None:
    """As AWS advises for OrganizationAccountAccessRole: administrator, but only for one role of the management account.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html
    """
    iam, name = account.client("iam"), "OrganizationAccountAccessRole"
    only = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{management}:role/organization-operator"}}
    trust = trust_aws(f"arn:aws:iam::{management}:root", only)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(trust))
    iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    tags = account.resource_tags(name)
    iam.tag_role(RoleName=name, Tags=tags)
