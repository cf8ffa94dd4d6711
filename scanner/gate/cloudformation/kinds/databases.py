"""Databases with an address: RDS, Aurora, DocumentDB, Neptune, Redshift, ElastiCache, OpenSearch."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.gate.cloudformation.kinds import Block, Part, Tree, attributes_of, declare, plain
from scanner.gate.cloudformation.leaves import Unknown

IDENTIFIERS = {
    "DBInstanceIdentifier": "identifier",
    "DBClusterIdentifier": "cluster_identifier",
    "DBSubnetGroupName": "db_subnet_group_name",
    "VPCSecurityGroups": "vpc_security_group_ids",
    "MultiAZ": "multi_az",
    "SourceDBInstanceIdentifier": "replicate_source_db",
}
FROM_COPY = Unknown("is that of what it is made from unless the template says it")
WITH_GATEWAY = Unknown("is not said: where the VPC has an internet gateway, RDS makes it public")
"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, PubliclyAccessible"""
INSTANCE = {"DBInstanceArn": "arn"}
CLUSTER = {"DBClusterArn": "arn"}
SOURCES = (
    "DBSnapshotIdentifier",
    "SnapshotIdentifier",
    "SourceDBInstanceIdentifier",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "DBClusterSnapshotIdentifier",
    "SourceDbiResourceId",
)


@declare("AWS::RDS::DBInstance", "aws_db_instance", ref="identifier", attributes=INSTANCE)
def instance(block: Block) -> Iterator[Part]:
    made = {"publicly_accessible": WITH_GATEWAY, **attributes_of(block, IDENTIFIERS)}
    if block.get("DBClusterIdentifier") is not None:
        yield "aws_rds_cluster_instance", made
        return
    own = {"backup_retention_period": 1, **copied(block, "storage_encrypted", "engine")}  # 1 is the default of RDS
    yield "aws_db_instance", {**own, **made}


@declare("AWS::RDS::DBCluster", "aws_rds_cluster", ref="cluster_identifier", attributes=CLUSTER)
@declare("AWS::DocDB::DBCluster", "aws_docdb_cluster", ref="cluster_identifier")
def cluster(block: Block) -> Iterator[Part]:
    kind = "aws_docdb_cluster" if "DocDB" in block.type else "aws_rds_cluster"
    yield kind, {**copied(block, "storage_encrypted"), **attributes_of(block, IDENTIFIERS)}


@declare("AWS::Neptune::DBCluster", "aws_neptune_cluster", ref="cluster_identifier")
def neptune(block: Block) -> Iterator[Part]:
    names = {**IDENTIFIERS, "DBSubnetGroupName": "neptune_subnet_group_name", "DBPort": "port"}
    yield "aws_neptune_cluster", {**copied(block, "storage_encrypted"), **attributes_of(block, names)}


def copied(block: Block, *names: str) -> Tree:
    """What comes from a snapshot or source, where the template does not say it."""
    return {} if all(block.get(name) is None for name in SOURCES) else dict.fromkeys(names, FROM_COPY)


@declare("AWS::DocDB::DBInstance", "aws_docdb_cluster_instance", ref="identifier")
@declare("AWS::Neptune::DBInstance", "aws_neptune_cluster_instance", ref="identifier")
def member(block: Block) -> Iterator[Part]:
    service = "docdb" if "DocDB" in block.type else "neptune"
    yield f"aws_{service}_cluster_instance", {"engine": service, **attributes_of(block, IDENTIFIERS)}


NAME = {"DBSubnetGroupName": "name"}
plain("AWS::RDS::DBSubnetGroup", "aws_db_subnet_group", NAME, ref="name")
plain("AWS::DocDB::DBSubnetGroup", "aws_docdb_subnet_group", NAME, ref="name")
plain("AWS::Neptune::DBSubnetGroup", "aws_neptune_subnet_group", NAME, ref="name")


@declare("AWS::Redshift::Cluster", "aws_redshift_cluster", ref="cluster_identifier")
def warehouse(block: Block) -> Iterator[Part]:
    yield "aws_redshift_cluster", {**copied(block, "encrypted"), **attributes_of(block)}


CACHE = {
    "CacheSubnetGroupName": "subnet_group_name",
    "ClusterName": "cluster_id",
    "VpcSecurityGroupIds": "security_group_ids",
}
plain("AWS::ElastiCache::ReplicationGroup", "aws_elasticache_replication_group", CACHE, ref="replication_group_id")
plain("AWS::ElastiCache::CacheCluster", "aws_elasticache_cluster", CACHE, ref="cluster_id")

DOMAIN = {
    "VPCOptions": "vpc_options",
    "EncryptionAtRestOptions": "encrypt_at_rest",
    "AccessPolicies": "access_policies",
}
for _name in ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"):
    plain(
        _name,
        "aws_opensearch_domain",
        DOMAIN,
        ref="domain_name",
        attributes={"DomainArn": "arn"},
        documents=("AccessPolicies",),
    )
