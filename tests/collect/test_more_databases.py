"""Warehouses, caches, search domains and file systems: rows that the analyses of data stores can stand on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scanner.collect import elasticache, file_systems, memorydb, opensearch, redshift, redshift_serverless
from tests.collect.answers import elasticache as elasticache_answers
from tests.collect.answers import file_systems as file_answers
from tests.collect.answers import memorydb as memorydb_answers
from tests.collect.answers import opensearch as opensearch_answers
from tests.collect.answers import redshift as redshift_answers
from tests.collect.answers import redshift_serverless as serverless_answers
from tests.collect.fake import read, table_of


def named(module: Any, answers: dict[str, Any], table: str, *refused: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in table_of(read(module, answers, *refused), table)}


def test_a_warehouse_is_placed_by_its_subnet_group() -> None:
    found = named(redshift, redshift_answers.ANSWERS, "databases")
    assert found["warehouse"]["arn"] == "arn:aws:redshift:eu-west-1:111122223333:cluster:warehouse"
    assert found["warehouse"]["subnet_ids"] == ["subnet-1", "subnet-2"]
    refused = named(redshift, redshift_answers.ANSWERS, "databases", "redshift.describe_cluster_subnet_groups")
    assert refused["warehouse"]["subnet_ids"] is None


def test_snapshots_of_a_warehouse_say_whom_they_are_shared_with_and_those_of_others_are_left_out() -> None:
    found = named(redshift, redshift_answers.ANSWERS, "service_snapshots")
    assert sorted(found) == ["bare", "friday"]
    assert found["friday"]["shared_with"] == ["444455556666"]
    assert found["bare"]["arn"] == "arn:aws:redshift:eu-west-1:111122223333:snapshot:warehouse/bare"


def test_nodes_of_a_replication_group_are_one_cache() -> None:
    found = named(elasticache, elasticache_answers.ANSWERS, "databases")
    assert found["sessions"]["arn"].endswith(":replicationgroup:sessions")
    assert (found["sessions"]["port"], found["sessions"]["subnet_ids"]) == (6379, ["subnet-1"])
    assert (found["pages"]["port"], found["pages"]["backup_retention_days"]) == (11211, 0)
    assert found["quick"]["subnet_ids"] == ["subnet-1"]


def test_a_snapshot_of_several_parts_is_as_young_as_its_youngest() -> None:
    caches = named(elasticache, elasticache_answers.ANSWERS, "service_snapshots")
    assert caches["nightly"]["created_at"] == datetime(2026, 1, 3)
    assert caches["quick-1"]["source_arn"].endswith(":serverlesscache:quick")
    clusters = named(memorydb, memorydb_answers.ANSWERS, "service_snapshots")
    assert clusters["nightly"]["created_at"] == datetime(2026, 1, 3)
    assert clusters["nightly"]["source_arn"].endswith(":cluster/carts")


def test_a_domain_outside_of_vpcs_has_no_subnets_and_one_that_is_being_deleted_is_left_out() -> None:
    found = named(opensearch, opensearch_answers.ANSWERS, "databases")
    assert sorted(found) == ["logs", "open"]
    assert (found["open"]["vpc_id"], found["open"]["subnet_ids"]) == (None, [])
    assert (found["logs"]["engine"], found["open"]["engine"]) == ("opensearch", "elasticsearch")


def test_a_namespace_without_a_workgroup_is_in_no_network_and_with_unread_ones_nobody_knows() -> None:
    found = named(redshift_serverless, serverless_answers.ANSWERS, "databases")
    assert found["reports"]["subnet_ids"] == ["subnet-1", "subnet-2"]
    assert found["bare"]["subnet_ids"] == []
    refused = named(redshift_serverless, serverless_answers.ANSWERS, "databases", "redshift-serverless.list_workgroups")
    assert refused["bare"]["subnet_ids"] is None


def test_a_replica_of_a_file_system_is_the_file_system_it_is_kept_in() -> None:
    (replica,) = table_of(read(file_systems, file_answers.ANSWERS), "file_system_replicas")
    assert replica["replica_arn"] == "arn:aws:elasticfilesystem:eu-central-1:444455556666:file-system/fs-9"
    found = named(file_systems, file_answers.ANSWERS, "file_systems")
    assert found["shares"]["type"] == "fsx"
    assert found["fs-4"]["arn"] == "arn:aws:fsx:eu-west-1:111122223333:file-system/fs-4"
