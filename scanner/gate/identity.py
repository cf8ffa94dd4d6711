"""What a planned resource is called: its id and ARN, before it has any.

What exists keeps what it has, also where it is replaced. What is new gets the ARN that it will have where that follows from its
name, and its address in place of an id that AWS will draw. ARN formats: the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scanner.gate.planned import Planned

# Attribute that the provider uses as `id`, where AWS does not draw one.
IDS: Mapping[str, str] = {
    "aws_backup_vault": "name",
    "aws_db_cluster_snapshot": "db_cluster_snapshot_identifier",
    "aws_db_snapshot": "db_snapshot_identifier",
    "aws_db_subnet_group": "name",
    "aws_docdb_cluster": "cluster_identifier",
    "aws_docdb_subnet_group": "name",
    "aws_dynamodb_table": "name",
    "aws_eks_cluster": "name",
    "aws_elasticache_cluster": "cluster_id",
    "aws_elasticache_replication_group": "replication_group_id",
    "aws_elasticache_subnet_group": "name",
    "aws_elb": "name",
    "aws_iam_group": "name",
    "aws_iam_instance_profile": "name",
    "aws_iam_role": "name",
    "aws_iam_user": "name",
    "aws_lambda_function": "function_name",
    "aws_neptune_cluster": "cluster_identifier",
    "aws_neptune_subnet_group": "name",
    "aws_rds_cluster": "cluster_identifier",
    "aws_rds_cluster_instance": "identifier",
    "aws_redshift_cluster": "cluster_identifier",
    "aws_redshift_subnet_group": "name",
    "aws_s3_bucket": "bucket",
}
ID_IS_ARN = frozenset(
    "aws_ecs_cluster aws_iam_policy aws_iam_openid_connect_provider aws_iam_saml_provider aws_opensearch_domain aws_elasticsearch_domain "
    "aws_ram_resource_share aws_secretsmanager_secret aws_sns_topic aws_lb aws_alb".split()
)
# {name} is the value of the attribute that follows, {id} the id; what lies before is region and account, where the ARN has them.
ARNS: Mapping[str, tuple[str, str]] = {
    "aws_backup_vault": ("backup:{region}:{account}:backup-vault:{name}", "name"),
    "aws_backup_logically_air_gapped_vault": ("backup:{region}:{account}:backup-vault:{name}", "name"),
    "aws_backup_plan": ("backup:{region}:{account}:backup-plan:{id}", ""),
    "aws_db_cluster_snapshot": ("rds:{region}:{account}:cluster-snapshot:{name}", "db_cluster_snapshot_identifier"),
    "aws_db_instance": ("rds:{region}:{account}:db:{name}", "identifier"),
    "aws_db_snapshot": ("rds:{region}:{account}:snapshot:{name}", "db_snapshot_identifier"),
    "aws_docdb_cluster": ("rds:{region}:{account}:cluster:{name}", "cluster_identifier"),
    "aws_dynamodb_table": ("dynamodb:{region}:{account}:table/{name}", "name"),
    "aws_ebs_snapshot": ("ec2:{region}::snapshot/{id}", ""),
    "aws_ebs_volume": ("ec2:{region}:{account}:volume/{id}", ""),
    "aws_ec2_transit_gateway": ("ec2:{region}:{account}:transit-gateway/{id}", ""),
    "aws_ecs_cluster": ("ecs:{region}:{account}:cluster/{name}", "name"),
    "aws_efs_file_system": ("elasticfilesystem:{region}:{account}:file-system/{id}", ""),
    "aws_elasticache_cluster": ("elasticache:{region}:{account}:cluster:{name}", "cluster_id"),
    "aws_elasticache_replication_group": (
        "elasticache:{region}:{account}:replicationgroup:{name}",
        "replication_group_id",
    ),
    "aws_eks_cluster": ("eks:{region}:{account}:cluster/{name}", "name"),
    "aws_elb": ("elasticloadbalancing:{region}:{account}:loadbalancer/{name}", "name"),
    "aws_elasticsearch_domain": ("es:{region}:{account}:domain/{name}", "domain_name"),
    "aws_iam_group": ("iam::{account}:group{path}{name}", "name"),
    "aws_iam_instance_profile": ("iam::{account}:instance-profile{path}{name}", "name"),
    "aws_iam_openid_connect_provider": ("iam::{account}:oidc-provider/{name}", "url"),
    "aws_iam_policy": ("iam::{account}:policy{path}{name}", "name"),
    "aws_iam_role": ("iam::{account}:role{path}{name}", "name"),
    "aws_iam_saml_provider": ("iam::{account}:saml-provider/{name}", "name"),
    "aws_iam_user": ("iam::{account}:user{path}{name}", "name"),
    "aws_instance": ("ec2:{region}:{account}:instance/{id}", ""),
    "aws_kms_key": ("kms:{region}:{account}:key/{id}", ""),
    "aws_lambda_function": ("lambda:{region}:{account}:function:{name}", "function_name"),
    "aws_neptune_cluster": ("rds:{region}:{account}:cluster:{name}", "cluster_identifier"),
    "aws_opensearch_domain": ("es:{region}:{account}:domain/{name}", "domain_name"),
    "aws_organizations_account": ("organizations::{account}:account/{id}", ""),
    "aws_organizations_organizational_unit": ("organizations::{account}:ou/{id}", ""),
    "aws_organizations_policy": ("organizations::{account}:policy/{id}", ""),
    "aws_ram_resource_share": ("ram:{region}:{account}:resource-share/{id}", ""),
    "aws_rds_cluster": ("rds:{region}:{account}:cluster:{name}", "cluster_identifier"),
    "aws_rds_cluster_instance": ("rds:{region}:{account}:db:{name}", "identifier"),
    "aws_redshift_cluster": ("redshift:{region}:{account}:cluster:{name}", "cluster_identifier"),
    "aws_s3_bucket": ("s3:::{name}", "bucket"),
    "aws_secretsmanager_secret": ("secretsmanager:{region}:{account}:secret:{name}", "name"),
    "aws_security_group": ("ec2:{region}:{account}:security-group/{id}", ""),
    "aws_sns_topic": ("sns:{region}:{account}:{name}", "name"),
    "aws_sqs_queue": ("sqs:{region}:{account}:{name}", "name"),
    "aws_subnet": ("ec2:{region}:{account}:subnet/{id}", ""),
    "aws_vpc": ("ec2:{region}:{account}:vpc/{id}", ""),
    "aws_vpc_endpoint": ("ec2:{region}:{account}:vpc-endpoint/{id}", ""),
    "aws_vpc_peering_connection": ("ec2:{region}:{account}:vpc-peering-connection/{id}", ""),
}


def identity(resource: Planned, attribute: str = "id", *, before: bool = False) -> str:
    """Return the id, ARN or other naming attribute that a resource has, or will be known by here; with `before`, what it had.

    One that is made anew under another name is another one.
    """
    if not before and _renamed(resource):
        resource = replace(resource, before=None)
    known = _known(resource, attribute)
    if known is not None:
        return known
    if attribute == "id":
        return _id(resource)
    if attribute == "arn":
        return _arn(resource)
    if attribute in ("name", "bucket", *own_names(resource.type)):
        return resource.label
    return f"{resource.label}.{attribute}"


def own_names(kind: str) -> set[str]:
    """The attributes that a resource is itself called by: its id and ARN are made of them."""
    return {IDS.get(kind, ""), ARNS.get(kind, ("", ""))[1]} - {""}


def _renamed(resource: Planned) -> bool:
    was, will = resource.before, resource.after
    if resource.deed != "replace" or was is None or will is None:
        return False
    return any(will.get(name) is not None and was.get(name) != will[name] for name in own_names(resource.type))


def _known(resource: Planned, attribute: str) -> str | None:
    for values in (resource.before, resource.after):
        value = (values or {}).get(attribute)
        if value not in (None, "") and not isinstance(value, bool | list | dict):
            return str(value)
    return None


def _id(resource: Planned) -> str:
    if resource.type in ID_IS_ARN:
        return _arn(resource)
    return _known(resource, IDS.get(resource.type, "")) or resource.label


def _service(kind: str) -> str:
    """`aws_sfn_activity` -> sfn, `AWS::Logs::LogGroup` -> logs."""
    return kind.split("::")[1].lower() if "::" in kind else kind.removeprefix("aws_").partition("_")[0]


def _arn(resource: Planned) -> str:
    known = _known(resource, "arn")
    if known:
        return known
    form, named_by = ARNS.get(resource.type, ("{service}:{region}:{account}:{id}", ""))
    parts: dict[str, Any] = {
        "service": _service(resource.type),
        "region": resource.region or "",
        "account": resource.account_id or "",
        "path": _known(resource, "path") or "/",
        "name": ((_known(resource, named_by) if named_by else None) or resource.label).removeprefix("https://"),
        "id": resource.label if resource.type in ID_IS_ARN else _known(resource, "id") or _id(resource),
    }
    return f"arn:{resource.partition}:{form.format(**parts)}"
