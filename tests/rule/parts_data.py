"""Warehouses, caches, search domains and file systems in the second Region of a production account."""

from __future__ import annotations

from typing import Any

from tests.rule import organization as o

KEY = "arn:aws:kms:us-east-1:100000000004:key/k"


def add(found: dict[tuple[str, str, str], Any]) -> None:
    """One of each with a copy or none; the cache keeps no snapshots, the domain stands outside of VPCs."""
    account, region = o.ORDERS, o.THERE
    me = f"{region}:{account}"
    said = o.tag_list(owner="orders@acme", workload="orders", environment="production")
    placed = {"VpcId": "vpc-d", "Subnets": [{"SubnetIdentifier": "subnet-d2"}]}
    part = {
        **o.network(account, "d", "10.41.0.0/16", {"sg-d": [o.admits(5439, cidr="10.41.0.0/16")]}, vpc="vpc-d", public=False),
        "redshift.describe_cluster_subnet_groups": {"ClusterSubnetGroups": [{"ClusterSubnetGroupName": "private", **placed}]},
        "redshift.describe_clusters": {"Clusters": [
            {"ClusterIdentifier": "warehouse", "ClusterSubnetGroupName": "private", "VpcId": "vpc-d", "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-d"}],
             "Endpoint": {"Address": "warehouse.redshift", "Port": 5439}, "PubliclyAccessible": False, "Encrypted": True, "KmsKeyId": KEY, "Tags": said}]},
        "redshift.describe_cluster_snapshots": {"Snapshots": [
            {"SnapshotIdentifier": "auto", "ClusterIdentifier": "warehouse", "SnapshotArn": f"arn:aws:redshift:{me}:snapshot:warehouse/auto", "SnapshotType": "automated",
             "Status": "available", "SnapshotCreateTime": "2025-06-01T00:00:00Z", "OwnerAccount": account, "Encrypted": True, "KmsKeyId": KEY}]},
        "redshift-serverless.list_namespaces": {"namespaces": [{"namespaceName": "reports", "namespaceArn": f"arn:aws:redshift-serverless:{me}:namespace/n1"}]},
        "elasticache.describe_cache_clusters": {"CacheClusters": [
            {"CacheClusterId": "pages", "ARN": "x", "Engine": "memcached", "CacheSubnetGroupName": "private", "SnapshotRetentionLimit": 0,
             "SecurityGroups": [{"SecurityGroupId": "sg-d"}], "ConfigurationEndpoint": {"Address": "pages.cache", "Port": 11211}}]},
        "elasticache.describe_cache_subnet_groups": {"CacheSubnetGroups": [{"CacheSubnetGroupName": "private", **placed}]},
        "memorydb.describe_subnet_groups": {"SubnetGroups": [{"Name": "private", "VpcId": "vpc-d", "Subnets": [{"Identifier": "subnet-d2"}]}]},
        "memorydb.describe_clusters": {"Clusters": [
            {"Name": "carts", "ARN": f"arn:aws:memorydb:{me}:cluster/carts", "SubnetGroupName": "private", "SecurityGroups": [{"SecurityGroupId": "sg-d"}],
             "ClusterEndpoint": {"Address": "carts.memorydb", "Port": 6379}}]},
        "opensearch.list_domain_names": {"DomainNames": [{"DomainName": "search"}]},
        "opensearch.describe_domains": [{"request": {"DomainNames": ["search"]}, "response": {"DomainStatusList": [
            {"DomainName": "search", "ARN": f"arn:aws:es:{me}:domain/search", "EngineVersion": "OpenSearch_2.19",
             "AccessPolicies": o.document(o.allow({"AWS": o.root_of(account)}, "es:*"))}]}}],
        "efs.describe_file_systems": {"FileSystems": [
            {"FileSystemId": f"fs-{n}", "FileSystemArn": f"arn:aws:elasticfilesystem:{me}:file-system/fs-{n}", "Encrypted": True, "KmsKeyId": KEY, "Tags": said} for n in (1, 2)]},
        "efs.describe_file_system_policy": o.per("FileSystemId", {"fs-1": o.refusal("PolicyNotFound"), "fs-2": o.refusal("PolicyNotFound")}),
        "efs.describe_replication_configurations": {"Replications": [{"SourceFileSystemArn": f"arn:aws:elasticfilesystem:{me}:file-system/fs-1",
            "Destinations": [{"Status": "ENABLED", "FileSystemId": "fs-9", "Region": o.HERE, "OwnerId": o.BACKUP, "LastReplicatedTimestamp": "2025-06-01T00:00:00Z"}]}]},
        "fsx.describe_file_systems": {"FileSystems": [{"FileSystemId": "fs-3", "ResourceARN": f"arn:aws:fsx:{me}:file-system/fs-3", "Tags": said}]},
        "fsx.describe_backups": {"Backups": [
            {"BackupId": "b-1", "ResourceARN": f"arn:aws:fsx:{me}:backup/b-1", "Lifecycle": "AVAILABLE", "Type": "AUTOMATIC", "CreationTime": "2025-06-01T00:00:00Z",
             "FileSystem": {"ResourceARN": f"arn:aws:fsx:{me}:file-system/fs-3"}, "OwnerId": account}]},
    }  # fmt: skip
    for call, answer in part.items():
        found[account, region, call] = answer
