"""Resource types that nobody here shapes, although rules hang on what they change: told as not read, never passed over.

A type that is in neither this list nor the shapes bears on nothing that a collector reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from scanner.gate.planned import Planned, Unread
from scanner.gate.references import References
from scanner.gate.shape.fleets import INSTANCES, INTERFACES
from scanner.gate.values import Values

WHY = "is of a type that the gate does not understand"
WHOLE = "(the resource)"
"""Stands where the ledger names an attribute: nothing of it was read."""
ATTACHMENTS = "ec2.describe_transit_gateway_attachments"
DELEGATES = "organizations.list_delegated_services_for_account"
ENDPOINTS = "ec2.describe_vpc_endpoints"
IAM = "iam.get_account_authorization_details"
TAGS = "resourcegroupstaggingapi.get_resources"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What a type bears on: the call that reads it live.

    With `only`, a resource counts where one of these attributes is set or changes; with `worse_gone` False, one that goes away does not.
    """

    call: str
    only: tuple[str, ...] = ()
    worse_gone: bool = True


STARTED = (Bearing(INSTANCES, worse_gone=False), Bearing(INTERFACES, worse_gone=False))
"""What starts instances: they open connections from interfaces of theirs."""


def _each(names: str, *found: Bearing) -> dict[str, tuple[Bearing, ...]]:
    return dict.fromkeys(names.split(), found)


BEARS: Mapping[str, tuple[Bearing, ...]] = {
    # who watches
    **_each("aws_cloudtrail AWS::CloudTrail::Trail", Bearing("cloudtrail.describe_trails")),
    **_each(
        "aws_config_configuration_recorder aws_config_configuration_recorder_status AWS::Config::ConfigurationRecorder",
        Bearing("config.describe_configuration_recorders"),
    ),
    **_each(
        "aws_config_configuration_aggregator AWS::Config::ConfigurationAggregator",
        Bearing("config.describe_configuration_aggregators"),
    ),
    **_each(
        "aws_guardduty_detector aws_guardduty_organization_configuration AWS::GuardDuty::Detector",
        Bearing("guardduty.list_detectors"),
    ),
    **_each(
        "aws_securityhub_account aws_securityhub_organization_configuration aws_securityhub_configuration_policy "
        "aws_securityhub_configuration_policy_association AWS::SecurityHub::Hub AWS::SecurityHub::OrganizationConfiguration "
        "AWS::SecurityHub::ConfigurationPolicy AWS::SecurityHub::PolicyAssociation",
        Bearing("securityhub.describe_hub"),
    ),
    **_each(
        "aws_auditmanager_organization_admin_account_registration aws_cloudtrail_organization_delegated_admin_account "
        "aws_detective_organization_admin_account aws_fms_admin_account aws_guardduty_organization_admin_account "
        "aws_inspector2_delegated_admin_account aws_macie2_organization_admin_account "
        "aws_securityhub_organization_admin_account aws_vpc_ipam_organization_admin_account "
        "AWS::FMS::AdminAccount",
        Bearing(DELEGATES),
    ),
    # who may do what
    **_each("aws_iam_access_key AWS::IAM::AccessKey", Bearing("iam.list_access_keys", worse_gone=False)),
    **_each("aws_iam_user_login_profile", Bearing("iam.get_login_profile", worse_gone=False)),
    **_each("aws_iam_organizations_features", Bearing("iam.list_organizations_features")),
    **_each(
        "aws_iam_group_policies_exclusive aws_iam_group_policy_attachments_exclusive aws_iam_user_policies_exclusive "
        "aws_iam_user_policy_attachments_exclusive",
        Bearing(IAM, worse_gone=False),
    ),
    **_each("aws_ssoadmin_account_assignment AWS::SSO::Assignment", Bearing("sso-admin.list_account_assignments")),
    **_each(
        "aws_ssoadmin_permission_set AWS::SSO::PermissionSet",
        Bearing("sso-admin.list_permission_sets", only=("name", "instance_arn", "tags")),
    ),
    **_each("aws_ssoadmin_managed_policy_attachment", Bearing("sso-admin.list_managed_policies_in_permission_set")),
    **_each(
        "aws_ssoadmin_customer_managed_policy_attachment",
        Bearing("sso-admin.list_customer_managed_policy_references_in_permission_set"),
    ),
    **_each("aws_ssoadmin_permission_set_inline_policy", Bearing("sso-admin.get_inline_policy_for_permission_set")),
    **_each(
        "aws_ssoadmin_permissions_boundary_attachment",
        Bearing("sso-admin.get_permissions_boundary_for_permission_set"),
    ),
    **_each(
        "aws_identitystore_group_membership AWS::IdentityStore::GroupMembership",
        Bearing("identitystore.list_group_memberships"),
    ),
    **_each("AWS::Lambda::Url", Bearing("lambda.get_policy", worse_gone=False)),
    **_each(
        "aws_kms_external_key aws_kms_replica_external_key aws_kms_replica_key AWS::KMS::ReplicaKey",
        Bearing("kms.list_keys"),
        Bearing("kms.get_key_policy"),
    ),
    **_each("aws_opensearch_domain_policy aws_elasticsearch_domain_policy", Bearing("opensearch.describe_domains")),
    # the network
    **_each(
        "aws_vpc_block_public_access_options AWS::EC2::VPCBlockPublicAccessOptions",
        Bearing("ec2.describe_vpc_block_public_access_options"),
    ),
    **_each(
        "aws_vpc_block_public_access_exclusion AWS::EC2::VPCBlockPublicAccessExclusion",
        Bearing("ec2.describe_vpc_block_public_access_exclusions"),
    ),
    **_each("aws_ec2_managed_prefix_list_entry", Bearing("ec2.get_managed_prefix_list_entries")),
    **_each(
        "aws_network_interface_attachment aws_network_interface_sg_attachment aws_eip_association "
        "AWS::EC2::EIPAssociation AWS::EC2::NetworkInterfaceAttachment",
        Bearing(INTERFACES),
    ),
    **_each("aws_eip", Bearing(INTERFACES, ("instance", "network_interface"))),
    **_each(
        "aws_vpc_security_group_vpc_association AWS::EC2::SecurityGroupVpcAssociation",
        Bearing("ec2.describe_security_groups"),
    ),
    **_each("aws_vpc_ipv6_cidr_block_association", Bearing("ec2.describe_vpcs")),
    **_each("aws_vpc_endpoint_connection_accepter", Bearing(ENDPOINTS)),
    **_each("aws_vpn_gateway_attachment", Bearing("ec2.describe_vpn_gateways")),
    **_each(
        "aws_vpn_gateway_route_propagation AWS::EC2::VPNGatewayRoutePropagation", Bearing("ec2.describe_route_tables")
    ),
    **_each(
        "aws_ec2_transit_gateway_connect aws_ec2_transit_gateway_peering_attachment_accepter "
        "aws_networkmanager_transit_gateway_peering AWS::EC2::TransitGatewayConnect",
        Bearing(ATTACHMENTS),
    ),
    **_each("aws_vpn_connection AWS::EC2::VPNConnection", Bearing(ATTACHMENTS, ("transit_gateway_id",))),
    **_each("aws_ec2_transit_gateway_prefix_list_reference", Bearing("ec2.search_transit_gateway_routes")),
    **_each(
        "aws_ec2_transit_gateway_default_route_table_association aws_ec2_transit_gateway_default_route_table_propagation",
        Bearing("ec2.describe_transit_gateways"),
    ),
    # what runs
    **_each("AWS::EKS::Nodegroup", *STARTED),
    **_each(
        "aws_eks_fargate_profile AWS::EKS::FargateProfile",
        Bearing(INTERFACES, ("cluster_name", "subnet_ids"), False),
    ),
    **_each("aws_batch_compute_environment AWS::Batch::ComputeEnvironment", *STARTED),
    **_each("aws_emr_cluster AWS::EMR::Cluster", *STARTED),
    **_each("AWS::AutoScaling::AutoScalingGroup AWS::EC2::LaunchTemplate", *STARTED),
    **_each(
        "aws_ec2_fleet aws_spot_fleet_request aws_spot_instance_request AWS::EC2::EC2Fleet AWS::EC2::SpotFleet",
        *STARTED,
    ),
    # what keeps data
    **_each(
        "aws_docdb_cluster_snapshot aws_neptune_cluster_snapshot aws_rds_cluster_snapshot_copy",
        Bearing("rds.describe_db_cluster_snapshots"),
    ),
    **_each(
        "aws_elasticache_serverless_cache AWS::ElastiCache::ServerlessCache",
        Bearing("elasticache.describe_serverless_caches"),
    ),
    **_each("aws_memorydb_cluster AWS::MemoryDB::Cluster", Bearing("memorydb.describe_clusters")),
    **_each("aws_memorydb_snapshot", Bearing("memorydb.describe_snapshots")),
    **_each(
        "aws_redshiftserverless_namespace AWS::RedshiftServerless::Namespace",
        Bearing("redshift-serverless.list_namespaces"),
    ),
    **_each(
        "aws_redshiftserverless_workgroup AWS::RedshiftServerless::Workgroup",
        Bearing("redshift-serverless.list_workgroups"),
    ),
    **_each("aws_redshiftserverless_snapshot", Bearing("redshift-serverless.list_snapshots")),
    **_each("aws_redshift_cluster_snapshot aws_redshift_snapshot_copy", Bearing("redshift.describe_cluster_snapshots")),
    **_each(
        "aws_fsx_file_cache aws_fsx_lustre_file_system aws_fsx_ontap_file_system aws_fsx_openzfs_file_system "
        "aws_fsx_windows_file_system AWS::FSx::FileSystem",
        Bearing("fsx.describe_file_systems"),
    ),
    **_each("aws_fsx_backup", Bearing("fsx.describe_backups")),
    **_each("aws_efs_replication_configuration", Bearing("efs.describe_replication_configurations")),
    **_each("aws_dynamodb_global_table aws_dynamodb_table_replica", Bearing("dynamodb.describe_table")),
    **_each("aws_ami aws_ami_copy aws_ami_from_instance", Bearing("ec2.describe_images")),
    **_each("aws_ebs_snapshot_import", Bearing("ec2.describe_snapshots")),
    **_each("AWS::EC2::VolumeAttachment", Bearing("ec2.describe_volumes")),
    # whose it is
    **_each("aws_ec2_tag aws_dynamodb_tag aws_ecs_tag", Bearing(TAGS)),
    **_each("aws_ce_cost_allocation_tag", Bearing("ce.list_cost_allocation_tags")),
}
"""By type, of Terraform's provider and of CloudFormation, what it bears on."""

CONTAINERS = frozenset(
    "AWS::ElasticBeanstalk::Environment aws_cloudcontrolapi_resource aws_cloudformation_stack aws_cloudformation_stack_instances aws_cloudformation_stack_set "
    "aws_cloudformation_stack_set_instance aws_elastic_beanstalk_environment aws_servicecatalog_provisioned_product".split()
)
"""Types that stand for other resources, which a plan does not show."""


@cache
def types() -> frozenset[str]:
    """All types that are told, and not shaped."""
    return frozenset(BEARS) | CONTAINERS


def unread(resource: Planned, references: References | None) -> Iterator[Unread]:
    """What is not known after a change of this resource. It has to be placed, and touched."""
    for bearing in BEARS.get(resource.type, ()):
        if _bears(bearing, resource, references):
            yield Unread(
                resource.label, WHOLE, WHY, bearing.call, resource.account_id or "", resource.region or "global", True
            )


def _bears(bearing: Bearing, resource: Planned, references: References | None) -> bool:
    if resource.deed == "delete":
        return bearing.worse_gone
    if not bearing.only or "::" in resource.type:
        return True
    if resource.deed == "update":
        before, after = resource.before or {}, resource.after or {}
        unknown = resource.unknown if isinstance(resource.unknown, dict) else {}
        return any(before.get(name) != after.get(name) or unknown.get(name) for name in bearing.only)
    values = Values(resource, "after", references, bearing.call, [])
    return any(values.set(name) for name in bearing.only)
