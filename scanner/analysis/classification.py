"""Classification as tables: `account_facts` and `resource_facts`.

Accounts are judged one by one; resources in SQL, over the distinct texts that Python has put a meaning to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanner.analysis import evidence, insert, load
from scanner.classify import STACK_TAG, Classifier, Judgement, tag_key
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ("unread",)

_JUDGED = """
        {0} string What it is; `unknown` when everything was read and says nothing, NULL when it was not read.
        {0}_source string config, tag, name, unit, stack or inherited.
        {0}_evidence string The text that says so.
        {0}_confidence string high, medium or low.
        {0}_against string Evidence that says otherwise.
"""

ACCOUNTS = table(
    "account_facts",
    "What every account is for.",
    "account_id string The twelve digits.\n region string Always global.\n name string Its name."
    + _JUDGED.format("environment")
    + _JUDGED.format("workload")
    + _JUDGED.format("owner")
    + """
        team_evidence string The name or tag that names a team instead of a product; NULL without one.
        required_tags_missing strings Required kinds of tags it lacks; NULL when its tags were not read.
    """,
)
RESOURCES = table(
    "resource_facts",
    "What every resource is for. Resources that carry a workload: instances, functions, services, clusters, load balancers, data stores, buckets, secrets.",
    """
        arn string ARN.
        kind string instance, function, container_service, kubernetes_cluster, load_balancer, database, dynamodb_table, file_system, bucket, secret or other.
        name string Name.
        environment string Its environment, its account's where it says nothing itself.
        environment_source string tag, stack, name or inherited.
        environment_evidence string The text that says so.
        environment_confidence string high for its own tag, medium for its stack or name, its account's when inherited.
        workload string Its workload, its account's where it says nothing itself.
        workload_source string tag, stack or inherited.
        workload_evidence string The text that says so.
        workload_confidence string As for the environment.
        owner string Its own owner tag; NULL without one.
        comparable_owner string Its own tag of the key that names its account's owner; NULL without one.
        own_environment string What it says itself; NULL when nothing.
        own_workload string What it says itself; NULL when nothing.
        firm_workload string Its workload; NULL where nobody knows, and where the mere name of its account says it while tags of other resources there name workloads.
        required_tags int How many of the required kinds of tags it carries.
    """,
)
GAPS = table(
    "resource_gaps",
    "Where there may be resources that were not listed, or whose own tags were not read.",
    """
        kind string working: everything that computes or keeps data, buckets left out; bucket; or secret.
        about string listing or tags.
        status string As in coverage.
        selected bool As in unread.
    """,
)
TABLES = (ACCOUNTS, RESOURCES, GAPS)

WORKING = ("instances", "compute", "databases", "dynamodb_tables", "file_systems")
"""Tables of what computes or keeps data, buckets left out."""
_LISTED_IN = {"working": WORKING, "bucket": ("buckets",), "secret": ("secrets",)}
_TAGGED_BY = {
    "working": ("ec2_compute", "ecs", "eks", "tagging", "rds", "redshift", "file_systems", "dynamodb"),
    "bucket": ("s3",),
    "secret": ("secretsmanager",),
}
"""Collectors that read their tags."""
_TAGGING_API = "resourcegroupstaggingapi.get_resources"
TAGGED_APART = (
    ("s3.get_bucket_tagging", "s3"),
    ("dynamodb.list_tags_of_resource", "dynamodb"),
    ("eks.describe_cluster", "eks"),
    *(
        (_TAGGING_API, service)
        for service in "lambda elasticloadbalancing elasticache memorydb es redshift-serverless".split()
    ),
)
"""Calls that read tags apart from the listing, with the service in the ARNs of what they tag."""


def run(connection: Any, config: Config) -> None:
    classifier = Classifier(config.classification)
    insert(connection, ACCOUNTS, list(_account_rows(connection, config, classifier)))
    _meanings(connection, config, classifier)
    _scratch(connection, "tagged_apart", "call VARCHAR, service VARCHAR", TAGGED_APART)
    connection.execute(_RESOURCE_SQL, {"required": list(config.required_resource_tags)})
    _gaps(connection)
    for scratch in (
        *("resource_base", "tag_keys", "meanings", "tag_hits", "stack_members", "stack_hits", "best_hits"),
        *("tagged_apart", "gap_kinds"),
    ):
        connection.execute(f"DROP TABLE {scratch}")


# ---------------------------------------------------------------------- accounts


def _account_rows(connection: Any, config: Config, classifier: Classifier) -> Any:
    tags: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "SELECT a.account_id, t.key, t.value FROM accounts a JOIN tags t ON t.arn = a.arn ORDER BY ALL"
    ).fetchall()
    for account, key, value in rows:
        tags.setdefault(account, {})[key] = value or ""
    units: dict[str, list[str]] = {}
    rows = connection.execute(
        """SELECT a.target_id, u.name FROM unit_ancestors a JOIN organizational_units u ON u.unit_id = a.ancestor_id
        WHERE a.distance > 0 ORDER BY a.target_id, a.distance"""
    ).fetchall()
    for account, unit in rows:
        units.setdefault(account, []).append(unit)
    # Without an organization there are no names, tags and units to read: nothing is missing.
    evidence = ("organizations", "accounts", "tags", "organizational_units", "unit_ancestors")
    read = not _unread(connection, "organizations", evidence)
    tags_unread = _unread(connection, "organizations", ("tags",))
    accounts = connection.execute(
        "SELECT account_id, name, coalesce(is_management, FALSE), coalesce(is_member, FALSE) FROM accounts ORDER BY ALL"
    ).fetchall()
    for account, name, management, member in accounts:
        own = tags.get(account, {})
        judged = classifier.account(
            account,
            name,
            own,
            units.get(account, ()),
            read=read,
            is_management=management,
        )
        columns: list[Any] = [account, "global", name]
        for judgement in judged.values():
            columns += _columns(judgement)
        missing = None if tags_unread or not member else _missing(own, config)
        yield (*columns, classifier.names_team(name, own), missing)


def _unread(connection: Any, collector: str, tables: tuple[str, ...]) -> bool:
    """Whether some call of a collector that fills one of the tables gave no answer anywhere."""
    found = connection.execute(
        "SELECT count(*) FROM unread WHERE collector = ? AND list_contains(?, table_name)",
        [collector, list(tables)],
    ).fetchone()
    return bool(found[0])


def _columns(judgement: Judgement) -> list[str | None]:
    return [judgement.value, judgement.source, judgement.evidence, judgement.confidence, judgement.against]


def _missing(tags: dict[str, str], config: Config) -> list[str]:
    present = {tag_key(key) for key, value in tags.items() if value.strip()}
    keys = config.classification.tag_keys()
    return [kind for kind in config.required_account_tags if not present & {tag_key(key) for key in keys[kind]}]


# ---------------------------------------------------------------------- resources


def _meanings(connection: Any, config: Config, classifier: Classifier) -> None:
    """Make `resource_base`, `tag_keys` (which key means what) and `meanings` (which text means what)."""
    connection.execute(evidence.BASE_SQL)
    keys = [
        (kind, tag_key(key), rank)
        for kind, keys in config.classification.tag_keys().items()
        for rank, key in enumerate(keys)
    ]
    keys += [("stack", tag_key(STACK_TAG), 0)]
    _scratch(connection, "tag_keys", "kind VARCHAR, key VARCHAR, rank INTEGER", keys)
    connection.execute(evidence.HITS_SQL)
    connection.execute(evidence.STACKS_SQL)
    connection.execute(evidence.STACK_HITS_SQL)
    words = classifier.words
    meaning: list[tuple[str, str, str | None]] = []
    texts = connection.execute(
        """SELECT DISTINCT kind, value FROM (SELECT kind, value FROM tag_hits UNION ALL SELECT kind, value FROM stack_hits)
        WHERE kind IN ('environment', 'workload', 'stack') ORDER BY ALL"""
    ).fetchall()
    for kind, text in texts:
        if kind != "workload":
            environment = words.environment(text) or (
                "shared" if kind == "environment" and words.shared(text) else None
            )
            meaning.append((f"{kind}_environment", text, environment))
        if kind != "environment":
            meaning.append(
                (f"{kind}_workload", text, words.stack_workload(text) if kind == "stack" else words.workload(text))
            )
    for (text,) in connection.execute(
        "SELECT DISTINCT name FROM resource_base WHERE name IS NOT NULL ORDER BY 1"
    ).fetchall():
        environment = words.environment(text, edges_only=True)
        if environment:
            meaning.append(("name_environment", text, environment))
    known = [row for row in meaning if row[2] is not None]
    _scratch(connection, "meanings", "kind VARCHAR, text VARCHAR, value VARCHAR", known)
    connection.execute(evidence.BEST_SQL)


def _gaps(connection: Any) -> None:
    found = [
        (name, kind, about)
        for about, kinds in (("listing", _LISTED_IN), ("tags", _TAGGED_BY))
        for kind, names in kinds.items()
        for name in (*names, *(("*",) if about == "tags" else ()))
    ]
    _scratch(connection, "gap_kinds", "name VARCHAR, kind VARCHAR, about VARCHAR", found)
    connection.execute(_GAPS_SQL)


def _scratch(connection: Any, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE TABLE {name} ({columns})")
    load(connection, name, list(rows))


_GAPS_SQL = """
INSERT INTO resource_gaps BY NAME
SELECT DISTINCT u.account_id, u.region, k.kind, k.about, u.status, u.selected FROM unread u JOIN gap_kinds k
  ON k.about = 'listing' AND k.name = u.table_name OR k.about = 'tags' AND u.table_name = 'tags' AND k.name = u.collector
"""

_RESOURCE_SQL = f"""
INSERT INTO resource_facts (
  account_id, region, arn, kind, name, environment, environment_source, environment_evidence, environment_confidence,
  workload, workload_source, workload_evidence, workload_confidence, owner, comparable_owner, own_environment, own_workload, firm_workload,
  required_tags)
WITH carried AS (
  SELECT arn, count(DISTINCT CASE WHEN list_contains($required, kind) THEN kind END) AS kinds,
    min(CASE WHEN kind = 'owner' AND rank = 0 THEN value END) AS first_owner,
    min(CASE WHEN kind = 'owner' THEN value END) AS any_owner
  FROM tag_hits GROUP BY arn
),
comparable AS (
  -- Whoever owns an account, and the team whose resource it is, are two answers to two questions.
  SELECT h.arn, min(h.value) AS owner FROM tag_hits h JOIN resource_base r ON r.arn = h.arn
  JOIN account_facts a ON a.account_id = r.account_id
  WHERE h.kind = 'owner' AND (a.owner_source = 'config' AND h.rank = 0 OR a.owner_source = 'tag'
    AND {evidence.plain_key("h.key")} = {evidence.plain_key("split_part(a.owner_evidence, '=', 1)")})
  GROUP BY h.arn
),
untagged AS (
  -- Where tags come from a call of their own and it failed, what a resource inherits from its account proves nothing.
  SELECT DISTINCT c.account_id, t.service, CASE WHEN t.service = 's3' THEN '*' ELSE c.region END AS region
  FROM unread c JOIN tagged_apart t ON t.call = c.call
),
veiled AS ({evidence.VEILED_SQL}),
stackless AS (
  -- The same where its stack was not read, which may say what it is for.
  SELECT DISTINCT m.arn FROM stack_members m JOIN unread u ON u.account_id = m.account_id AND u.region IN (m.region, '*')
  WHERE m.stack_arn IS NULL AND u.table_name = 'stacks'
)
SELECT r.account_id, r.region, r.arn, r.kind, r.name,
  coalesce(b.tag_environment, CASE WHEN v.environment = 1 THEN NULL ELSE coalesce(b.stack_environment, n.value, b.made_environment,
    CASE WHEN u.service IS NULL AND x.arn IS NULL THEN a.environment END) END),
  CASE WHEN b.tag_environment IS NOT NULL THEN 'tag' WHEN b.stack_environment IS NOT NULL THEN 'stack'
    WHEN n.value IS NOT NULL THEN 'name' WHEN b.made_environment IS NOT NULL THEN 'stack' ELSE 'inherited' END,
  CASE WHEN b.tag_environment IS NOT NULL THEN b.tag_environment_evidence
    WHEN b.stack_environment IS NOT NULL THEN b.stack_environment_evidence
    WHEN n.value IS NOT NULL THEN r.name WHEN b.made_environment IS NOT NULL THEN b.made_environment_evidence ELSE a.environment_evidence END,
  CASE WHEN b.tag_environment IS NOT NULL THEN 'high'
    WHEN coalesce(b.stack_environment, n.value, b.made_environment) IS NOT NULL THEN 'medium' ELSE a.environment_confidence END,
  coalesce(b.tag_workload, CASE WHEN v.workload = 1 THEN NULL ELSE coalesce(b.stack_workload, b.made_workload,
    CASE WHEN u.service IS NULL AND x.arn IS NULL THEN a.workload END) END),
  CASE WHEN b.tag_workload IS NOT NULL THEN 'tag' WHEN coalesce(b.stack_workload, b.made_workload) IS NOT NULL THEN 'stack' ELSE 'inherited' END,
  CASE WHEN b.tag_workload IS NOT NULL THEN b.tag_workload_evidence
    WHEN b.stack_workload IS NOT NULL THEN b.stack_workload_evidence
    WHEN b.made_workload IS NOT NULL THEN b.made_workload_evidence ELSE a.workload_evidence END,
  CASE WHEN b.tag_workload IS NOT NULL THEN 'high' WHEN coalesce(b.stack_workload, b.made_workload) IS NOT NULL THEN 'medium'
    ELSE a.workload_confidence END,
  coalesce(c.first_owner, c.any_owner), o.owner,
  coalesce(b.tag_environment, CASE WHEN v.environment = 1 THEN NULL ELSE coalesce(b.stack_environment, n.value, b.made_environment) END),
  coalesce(b.tag_workload, CASE WHEN v.workload = 1 THEN NULL ELSE coalesce(b.stack_workload, b.made_workload) END),
  CASE WHEN b.tag_workload IS NOT NULL THEN b.tag_workload WHEN v.workload = 1 THEN NULL
    WHEN coalesce(b.stack_workload, b.made_workload) IS NOT NULL THEN coalesce(b.stack_workload, b.made_workload)
    WHEN u.service IS NULL AND x.arn IS NULL AND (a.workload_source IN ('tag', 'config')
      OR NOT bool_or(coalesce(b.tag_workload, b.stack_workload, b.made_workload, x.arn) IS NOT NULL) OVER (PARTITION BY r.account_id)) THEN nullif(a.workload, 'unknown') END,
  coalesce(c.kinds, 0)
FROM resource_base r
LEFT JOIN best_hits b ON b.arn = r.arn
LEFT JOIN carried c ON c.arn = r.arn
LEFT JOIN comparable o ON o.arn = r.arn
LEFT JOIN stackless x ON x.arn = r.arn
LEFT JOIN veiled v ON v.arn = r.arn
LEFT JOIN meanings n ON n.kind = 'name_environment' AND n.text = r.name
LEFT JOIN account_facts a ON a.account_id = r.account_id
LEFT JOIN untagged u ON u.account_id = r.account_id AND r.kind <> 'other' AND u.service = split_part(r.arn, ':', 3) AND u.region IN (r.region, '*')
"""
