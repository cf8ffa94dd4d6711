"""Calls moto lacks and of which this organization has nothing: the empty answers AWS gives an account without them."""

from __future__ import annotations

from typing import Any

NOTHING: dict[str, dict[str, dict[str, Any]]] = {
    "accessanalyzer": {"list_analyzers": {"analyzers": []}},
    "backup": {
        "list_backup_jobs": {"BackupJobs": []},
        "list_frameworks": {"Frameworks": []},
        "list_restore_jobs": {"RestoreJobs": []},
        "list_restore_testing_plans": {"RestoreTestingPlans": []},
    },
    "ce": {
        "get_tags": {"Tags": [], "ReturnSize": 0, "TotalSize": 0},
        "get_cost_categories": {"CostCategoryNames": [], "ReturnSize": 0, "TotalSize": 0},
    },
    "dynamodb": {"list_exports": {"ExportSummaries": []}, "list_global_tables": {"GlobalTables": []}},
    "ec2": {
        "describe_client_vpn_endpoints": {"ClientVpnEndpoints": []},
        "describe_fast_snapshot_restores": {"FastSnapshotRestores": []},
        "describe_instance_connect_endpoints": {"InstanceConnectEndpoints": []},
        "describe_local_gateways": {"LocalGateways": []},
        "describe_locked_snapshots": {"Snapshots": []},
        "describe_security_group_vpc_associations": {"SecurityGroupVpcAssociations": []},
        "describe_vpc_block_public_access_exclusions": {"VpcBlockPublicAccessExclusions": []},
        "describe_vpc_endpoint_connections": {"VpcEndpointConnections": []},
        "get_image_block_public_access_state": {"ImageBlockPublicAccessState": "unblocked"},
        "get_snapshot_block_public_access_state": {"State": "unblocked"},
    },
    "efs": {"describe_replication_configurations": {"Replications": []}},
    "elasticache": {
        "describe_serverless_cache_snapshots": {"ServerlessCacheSnapshots": []},
        "describe_serverless_caches": {"ServerlessCaches": []},
    },
    "iam": {"list_organizations_features": {"EnabledFeatures": []}},
    "organizations": {"list_handshakes_for_organization": {"Handshakes": []}},
    "ram": {"get_resource_share_invitations": {"resourceShareInvitations": []}},
    "redshift-serverless": {
        "list_namespaces": {"namespaces": []},
        "list_snapshots": {"snapshots": []},
        "list_workgroups": {"workgroups": []},
    },
    "securityhub": {"list_organization_admin_accounts": {"AdminAccounts": []}},
    "ssm": {"describe_instance_information": {"InstanceInformationList": []}},
}
