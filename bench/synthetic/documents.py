"""Templates of policy documents. Placeholders become account ids and names when a document is given to its holder.

OWN and OTHER are twelve digits, so that `scanner.policy.rows` recognises accounts in a template as it does in a document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from scanner import policy

OWN = "999999999991"
OTHER = "999999999992"
VENDOR = "464622532012"
LABEL = "@label@"
REGION = "@region@"
ORGANIZATION = "o-benchbench1"
PLACEHOLDERS = (OWN, OTHER, LABEL, REGION)

Document = dict[str, Any]

AWS_MANAGED = (
    "AdministratorAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "IAMFullAccess",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonSSMManagedInstanceCore",
    "AWSBackupServiceRolePolicyForBackup",
    "AmazonRDSServiceRolePolicy",
    "AmazonECSServiceRolePolicy",
    "AWSElasticLoadBalancingServiceRolePolicy",
)


def statement(actions: Iterable[str], resource: Any = "*", effect: str = "Allow", **more: Any) -> Document:
    return {"Effect": effect, "Action": list(actions), "Resource": resource, **more}


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> Document:
    allowed = {"Effect": "Allow", "Principal": principal, "Action": action}
    return document({**allowed, "Condition": condition} if condition else allowed)


def _role(account: str, name: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:role/{name}"}


def _trusts() -> dict[str, Document]:
    github = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"}
    web = "sts:AssumeRoleWithWebIdentity"
    audience = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
    saml = {"Federated": f"arn:aws:iam::{OWN}:saml-provider/AWSSSO_DO_NOT_DELETE"}
    in_organization = {"aws:PrincipalOrgID": ORGANIZATION}
    services = (
        "lambda",
        "ecs-tasks",
        "ec2",
        "codebuild",
        "states",
        "events",
        "glue",
        "backup",
        "rds",
        "ecs",
        "elasticloadbalancing",
    )
    return {
        **{f"trust_{name}": trust({"Service": f"{name}.amazonaws.com"}) for name in services},
        "trust_account": trust({"AWS": f"arn:aws:iam::{OTHER}:root"}),
        "trust_digits": trust({"AWS": OTHER}),
        "trust_own_account": trust({"AWS": f"arn:aws:iam::{OWN}:root"}),
        "trust_deployer": trust(_role(OTHER, "pipeline")),
        "trust_auditor": trust(_role(OTHER, "security-auditor")),
        "trust_chain": trust(_role(OTHER, "chain")),
        "trust_app": trust(_role(OTHER, "app-main"), StringEquals={"sts:ExternalId": f"app-{OWN}"}),
        "trust_break_glass": trust(
            {"AWS": f"arn:aws:iam::{OTHER}:user/break-glass"}, Bool={"aws:MultiFactorAuthPresent": "true"}
        ),
        "trust_everyone": trust("*"),
        "trust_organization": trust({"AWS": "*"}, StringEquals=in_organization),
        "trust_vendor": trust({"AWS": f"arn:aws:iam::{VENDOR}:root"}, StringEquals={"sts:ExternalId": f"id-{OWN}"}),
        "trust_vendor_openly": trust({"AWS": f"arn:aws:iam::{VENDOR}:root"}),
        "trust_dead": trust({"AWS": "AROAJ2UCCR6DPCEXAMPLE"}),
        "trust_sso": trust(
            saml, "sts:AssumeRoleWithSAML", StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"}
        ),
        "trust_github": trust(
            github,
            web,
            StringEquals=audience,
            StringLike={"token.actions.githubusercontent.com:sub": f"repo:example/{LABEL}:ref:refs/heads/main"},
        ),
        "trust_github_any": trust(github, web, StringEquals=audience),
    }


def _permissions() -> dict[str, Document]:
    tables, buckets = (
        f"arn:aws:dynamodb:*:{OWN}:table/*",
        [f"arn:aws:s3:::{OWN}-bucket-0", f"arn:aws:s3:::{OWN}-bucket-0/*"],
    )
    logs = ("logs:CreateLogStream", "logs:PutLogEvents")
    return {
        "table_access": document(
            statement(("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"), tables),
            statement(logs, f"arn:aws:logs:*:{OWN}:*"),
        ),
        "bucket_access": document(statement(("s3:GetObject", "s3:PutObject", "s3:ListBucket"), buckets)),
        "queue_access": document(statement(("sqs:SendMessage", "sqs:ReceiveMessage"), f"arn:aws:sqs:*:{OWN}:{LABEL}")),
        "secret_access": document(
            statement(("secretsmanager:GetSecretValue",), f"arn:aws:secretsmanager:*:{OWN}:secret:*"),
            statement(("kms:Decrypt",), f"arn:aws:kms:*:{OWN}:key/*"),
        ),
        "pass_role": document(statement(("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"))),
        "run_instances": document(
            statement(("iam:PassRole",), f"arn:aws:iam::{OWN}:role/*"), statement(("ec2:RunInstances", "ec2:Describe*"))
        ),
        "policy_version": document(statement(("iam:CreatePolicyVersion",), f"arn:aws:iam::{OWN}:policy/*")),
        "own_delete": document(
            statement(("rds:DeleteDBInstance", "rds:DeleteDBCluster", "dynamodb:DeleteTable"), "*", Sid="Clean"),
            statement(("rds:Delete*",), "*", "Deny", Condition={"StringEquals": {"aws:ResourceTag/environment": "prod"}}),
        ),
        "assume_other": document(statement(("sts:AssumeRole",), f"arn:aws:iam::{OTHER}:role/*")),
        "assume_chain": document(statement(("sts:AssumeRole",), f"arn:aws:iam::{OTHER}:role/chain")),
        "assume_deployer": document(statement(("sts:AssumeRole",), "arn:aws:iam::*:role/deployer")),
        "assume_audit": document(statement(("sts:AssumeRole",), "arn:aws:iam::*:role/security-audit")),
        "assume_all": document(statement(("sts:AssumeRole",))),
        "deploy": document(
            statement(("cloudformation:*", "lambda:*", "s3:*", "ec2:*", "rds:*", "dynamodb:*", "iam:PassRole")),
            statement(("iam:*",), f"arn:aws:iam::{OWN}:user/*", "Deny"),
        ),
        "managed_application": document(
            statement(("dynamodb:*",), [f"arn:aws:dynamodb:*:{OWN}:table/{LABEL}-*", f"arn:aws:dynamodb:*:{OWN}:table/{LABEL}"]),
            statement(("sqs:*", "sns:Publish"), f"arn:aws:sqs:*:{OWN}:{LABEL}-*"),
            statement(("kms:Decrypt", "kms:GenerateDataKey"), f"arn:aws:kms:*:{OWN}:key/*"),
        ),
        "managed_boundary": document(
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            statement(("iam:Get*", "iam:List*", "iam:PassRole")),
            statement(("sts:AssumeRole",), f"arn:aws:iam::{OWN}:role/*", "Deny", Condition={"StringNotLike": {"aws:RequestedRegion": "eu-*"}}),
        ),
    }  # fmt: skip


def _resources() -> dict[str, Document]:
    def granted(
        principal: Any, actions: Iterable[str], resource: Any = "*", effect: str = "Allow", **condition: Any
    ) -> Document:
        made = {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": resource}
        return {**made, "Condition": condition} if condition else made

    bucket = [f"arn:aws:s3:::{LABEL}", f"arn:aws:s3:::{LABEL}/*"]
    root = granted({"AWS": f"arn:aws:iam::{OWN}:root"}, ["kms:*"])
    secure = granted("*", ["s3:*"], bucket, "Deny", Bool={"aws:SecureTransport": "false"})
    undeletable = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DeleteBackupVault"]
    return {
        "key": document(root),
        "key_shared": document(root, granted({"AWS": f"arn:aws:iam::{OTHER}:root"}, ["kms:Decrypt", "kms:CreateGrant", "kms:DescribeKey"])),
        "bucket": document(secure),
        "bucket_shared": document(secure, granted({"AWS": f"arn:aws:iam::{OTHER}:root"}, ["s3:GetObject", "s3:ListBucket"], bucket)),
        "vault": document(
            granted("*", ["backup:CopyIntoBackupVault"], StringEquals={"aws:PrincipalOrgID": ORGANIZATION}),
            granted("*", undeletable, "*", "Deny"),
        ),
        "secret_shared": document(granted({"AWS": f"arn:aws:iam::{OTHER}:root"}, ["secretsmanager:GetSecretValue"])),
    }  # fmt: skip


def _organization() -> dict[str, Document]:
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    deployers = {
        "ArnNotLike": {
            "aws:PrincipalARN": ["arn:aws:iam::*:role/deployer", "arn:aws:iam::*:role/OrganizationAccountAccessRole"]
        }
    }
    return {
        "scp_full": document(statement(("*",))),
        "rcp_full": document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
        "scp_guardrails": document(
            statement(("organizations:LeaveOrganization", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail"), "*", "Deny")
        ),
        "scp_regions": document(
            {
                "Sid": "Regions",
                "Effect": "Deny",
                "NotAction": ["iam:*", "sts:*", "organizations:*", "support:*", "route53:*", "cloudfront:*"],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
            }
        ),
        "scp_roles": document(
            statement(
                ("iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"),
                ["arn:aws:iam::*:role/deployer", "arn:aws:iam::*:role/OrganizationAccountAccessRole"],
                "Deny",
                Condition=deployers,
            )
        ),
        "scp_backups": document(
            statement(("backup:DeleteRecoveryPoint", "backup:DeleteBackupVault", "kms:ScheduleKeyDeletion"), "*", "Deny")
        ),
        "scp_allow_list": document(
            statement(("ec2:*", "s3:*", "lambda:*", "iam:*", "sts:*", "logs:*", "cloudwatch:*", "dynamodb:*", "sqs:*", "kms:*"))
        ),
        "rcp_perimeter": document(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*", "kms:*", "secretsmanager:*", "sqs:*"],
                "Resource": "*",
                "Condition": outside,
            }
        ),
    }  # fmt: skip


def _of_aws() -> dict[str, Document]:
    """AWS-managed policies as AWS publishes them, from moto's copy."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    published = json.loads(aws_managed_policies_data)
    return {f"aws_{name}": published[name]["Document"] for name in AWS_MANAGED}


def aws_arns() -> dict[str, str]:
    """Return the ARN of every AWS-managed policy in use, by name."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    published = json.loads(aws_managed_policies_data)
    return {name: f"arn:aws:iam::aws:policy{published[name]['Path']}{name}" for name in AWS_MANAGED}


def templates() -> dict[str, Document]:
    """Return every template by name."""
    return _trusts() | _permissions() | _resources() | _organization() | _of_aws()


def rows() -> dict[str, list[dict[str, Any]]]:
    """Flatten every template once; returns rows by table, each with the `template` and the statement's `position`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, content in templates().items():
        for table, row in policy.rows("", "", "", content):
            position = row.get("position", row.get("statement_id", "").rpartition("|")[2] or None)
            found.setdefault(table, []).append({**row, "template": name, "position": position})
    return found
