"""Databases with an address, their subnet groups and snapshots: RDS, Aurora, DocumentDB, Neptune, Redshift, ElastiCache, OpenSearch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import policy
from scanner.gate.shape import shapes
from scanner.gate.shape.tagged import tags
from scanner.gate.values import Values
from scanner.policy import Row

INSTANCES = "rds.describe_db_instances"
CLUSTERS = "rds.describe_db_clusters"
PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "sqlserver": 1433, "aurora-mysql": 3306}
PORTS |= {"aurora-postgresql": 5432, "docdb": 27017, "neptune": 8182, "redis": 6379, "valkey": 6379, "memcached": 11211}
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateDBInstance.html and each service's own default."""


@shapes("aws_db_instance", call=INSTANCES)
def instance(v: Values) -> Iterator[Row]:
    engine = v.text("engine")
    yield (
        "databases",
        {
            **common(v, "instance", engine, v.text("identifier") or v.resource.label),
            "resource_id": v.text("resource_id"),
            "cluster_name": None,
            "source_arn": source(v, "replicate_source_db", "db"),
            "subnet_group": v.ref("db_subnet_group_name"),
            "publicly_accessible": v.get("publicly_accessible", False),
            "encrypted": v.get("storage_encrypted", False),
            "backup_retention_days": v.get("backup_retention_period", 0, whole=True),
            "multi_az": v.get("multi_az", False),
        },
    )
    yield from tags(v)


@shapes("aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster", call=CLUSTERS)
def cluster(v: Values) -> Iterator[Row]:
    fallback = {"aws_docdb_cluster": "docdb", "aws_neptune_cluster": "neptune"}.get(v.resource.type)
    groups = "neptune_subnet_group_name" if v.resource.type == "aws_neptune_cluster" else "db_subnet_group_name"
    yield (
        "databases",
        {
            **common(v, "cluster", v.text("engine", fallback), v.text("cluster_identifier") or v.resource.label),
            "resource_id": v.text("cluster_resource_id"),
            "cluster_name": None,
            "source_arn": source(v, "replication_source_identifier", "cluster"),
            "subnet_group": v.ref(groups),
            "publicly_accessible": None,
            "encrypted": v.get("storage_encrypted", False),
            "backup_retention_days": v.get("backup_retention_period", 1, whole=True),
            "multi_az": None,
        },
    )
    yield from tags(v)


@shapes("aws_rds_cluster_instance", "aws_docdb_cluster_instance", "aws_neptune_cluster_instance", call=INSTANCES)
def cluster_instance(v: Values) -> Iterator[Row]:
    cluster_of = v.target("cluster_identifier")
    own = (cluster_of.after or {}) if cluster_of else {}
    yield (
        "databases",
        {
            "arn": v.arn,
            "name": v.text("identifier") or v.resource.label,
            "type": "instance",
            "engine": v.text("engine") or own.get("engine"),
            "status": "available",
            "cluster_name": v.ref("cluster_identifier"),
            "subnet_group": v.ref("db_subnet_group_name") or own.get("db_subnet_group_name"),
            "publicly_accessible": v.get("publicly_accessible", False),
        },
    )
    yield from tags(v)


def common(v: Values, kind: str, engine: str | None, name: str) -> dict[str, Any]:
    stem = str(engine or "").split("-ex")[0].split("-se")[0].split("-ee")[0]
    return {
        "arn": v.arn,
        "name": name,
        "type": kind,
        "engine": engine,
        "status": "available",
        "group_ids": v.groups("vpc_security_group_ids"),
        "port": v.get("port", PORTS.get(str(engine), PORTS.get(stem))),
        "kms_key_arn": v.key("kms_key_id"),
        "deletion_protection": v.get("deletion_protection", False),
    }


def source(v: Values, name: str, kind: str) -> str | None:
    found = v.ref(name) if v.has(name) else None
    return found if found is None or found.startswith("arn:") else v.arn_of("rds", f"{kind}:{found}")


@shapes(
    "aws_db_subnet_group", "aws_docdb_subnet_group", "aws_neptune_subnet_group", call="rds.describe_db_subnet_groups"
)
def subnet_group(v: Values) -> Iterator[Row]:
    for subnet in v.refs("subnet_ids") or ():
        yield "subnet_groups", {"name": v.text("name") or v.resource.label, "vpc_id": None, "subnet_id": subnet}


@shapes("aws_db_snapshot", call="rds.describe_db_snapshots")
def database_snapshot(v: Values) -> Iterator[Row]:
    yield "snapshots", {**snapshot(v, "database", "db", "db_instance_identifier", "encrypted"), "copied_from_arn": None}
    yield from tags(v)


@shapes("aws_db_cluster_snapshot", call="rds.describe_db_cluster_snapshots")
def cluster_snapshot(v: Values) -> Iterator[Row]:
    row = snapshot(v, "cluster", "cluster", "db_cluster_identifier", "storage_encrypted")
    yield "snapshots", {**row, "copied_from_arn": None}
    yield from tags(v)


@shapes("aws_db_snapshot_copy", call="rds.describe_db_snapshots")
def snapshot_copy(v: Values) -> Iterator[Row]:
    yield (
        "snapshots",
        {
            "arn": v.other("db_snapshot_arn"),
            "name": v.text("target_db_snapshot_identifier"),
            "type": "database",
            "owner_id": v.account,
            "status": "available",
            "kind": "manual",
            **v.sealed(None, "kms_key_id"),
            "copied_from_arn": v.ref("source_db_snapshot_identifier"),
            "shared_with": v.texts("shared_accounts"),
        },
    )


def snapshot(v: Values, kind: str, part: str, source_name: str, encrypted: str) -> dict[str, Any]:
    named = v.ref(source_name)
    return {
        "arn": v.other(f"db_{'cluster_' if kind == 'cluster' else ''}snapshot_arn"),
        "name": v.text(f"db_{'cluster_' if kind == 'cluster' else ''}snapshot_identifier"),
        "type": kind,
        "source_arn": v.arn_of("rds", f"{part}:{named}") if named else None,
        "owner_id": v.account,
        "status": "available",
        "kind": "manual",
        **v.sealed(v.get(encrypted), "kms_key_id"),
        "shared_with": v.texts("shared_accounts"),
    }


@shapes("aws_redshift_cluster", call="redshift.describe_clusters")
def warehouse(v: Values) -> Iterator[Row]:
    own = {
        "name": v.text("cluster_identifier") or v.resource.label,
        "type": "cluster",
        "engine": "redshift",
        "group_ids": v.refs("vpc_security_group_ids"),
        "port": v.get("port", 5439),
        "publicly_accessible": v.get("publicly_accessible", False),
        "encrypted": boolean(v.get("encrypted", False)),
        "backup_retention_days": v.get("automated_snapshot_retention_period", 1, whole=True),
    }
    yield from beside_rds(v, own, "cluster_subnet_group_name")


@shapes("aws_elasticache_replication_group", "aws_elasticache_cluster", call="elasticache.describe_cache_clusters")
def cache(v: Values) -> Iterator[Row]:
    member = v.resource.type == "aws_elasticache_cluster"
    if member and v.given("replication_group_id"):
        return  # its replication group stands for it
    engine = v.text("engine", "redis")
    own = {
        "name": v.text("cluster_id" if member else "replication_group_id") or v.resource.label,
        "type": "cache",
        "engine": engine,
        "group_ids": v.refs("security_group_ids"),
        "port": v.get("port", PORTS.get(str(engine))),
        "publicly_accessible": False,
        "encrypted": boolean(v.get("at_rest_encryption_enabled", False)),
        "backup_retention_days": v.get("snapshot_retention_limit", 0, whole=True),
    }
    yield from beside_rds(v, own, "subnet_group_name")
    if v.is_new and int(own["backup_retention_days"] or 0) > 0:
        yield automatic_snapshot(v, own)


def automatic_snapshot(v: Values, own: dict[str, Any]) -> Row:
    """What a new cache with a retention will have from its first day on, as a new database has its automated backups.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html
    """
    name = f"automatic.{own['name']}"
    sealed = {"encrypted": own["encrypted"], "kms_key_arn": v.key("kms_key_id")}
    arn = v.arn_of("elasticache", f"snapshot:{name}")
    row = {"arn": arn, "name": name, "type": "cache", "source_arn": v.arn, "owner_id": v.account, "shared_with": []}
    return "service_snapshots", {**row, "status": "available", "kind": "automated", **sealed}


def beside_rds(v: Values, own: dict[str, Any], group: str) -> Iterator[Row]:
    """A database whose subnets stand in a subnet group of its own service, which no table has: a new one's are known where this plan
    has that group."""
    placed: dict[str, Any] = {"subnet_group": v.ref(group), "subnet_ids": None}
    named = v.target(group) if v.is_new else None
    if named is not None and (subnet := v.of(named).first("subnet_ids")) is not None and subnet.type == "aws_subnet":
        placed |= {"subnet_ids": v.of(named).refs("subnet_ids"), "vpc_id": v.of(subnet).ref("vpc_id")}
    yield "databases", {"arn": v.arn, "status": "available", **own, **placed, "kms_key_arn": v.key("kms_key_id")}
    if v.is_new and placed["subnet_ids"] is None:
        v.note(group, "does not say which subnets these are", whole=True)
    yield from tags(v)


def boolean(said: Any) -> bool | None:
    """What providers write as a truth value or as its name; None where it is not known."""
    return None if said is None else said in (True, "true")


@shapes("aws_opensearch_domain", "aws_elasticsearch_domain", call="opensearch.describe_domains")
def domain(v: Values) -> Iterator[Row]:
    """A domain. One outside of VPCs stands on the internet behind its policy, as a bucket does."""
    inside, rest = v.block("vpc_options"), v.block("encrypt_at_rest")
    yield (
        "databases",
        {
            "arn": v.arn,
            "name": v.text("domain_name") or v.resource.label,
            "type": "domain",
            "engine": "opensearch",
            "status": "available",
            "subnet_ids": inside.refs("subnet_ids") if inside else [],
            "group_ids": inside.refs("security_group_ids") if inside else [],
            "port": 443,
            "publicly_accessible": False if inside else None,
            "encrypted": boolean(rest.get("enabled", False)) if rest else False,
            "kms_key_arn": rest.key("kms_key_id") if rest else None,
        },
    )
    if v.has("access_policies"):
        yield from policy.rows(v.arn, "resource", "", v.policy("access_policies"))
    yield from tags(v)


@shapes("aws_db_instance_automated_backups_replication", call="rds.describe_db_instance_automated_backups")
def replicated_backups(v: Values) -> Iterator[Row]:
    row = {"arn": v.id, "source_arn": v.ref("source_db_instance_arn"), "status": "replicating"}
    yield "automated_backups", {**row, "kms_key_arn": v.key("kms_key_id")}


@shapes("aws_rds_cluster_role_association", "aws_db_instance_role_association", call=INSTANCES)
def nothing(v: Values) -> Iterator[Row]:
    """Understood, and of no account to any table."""
    yield from ()
