"""One account that mixes two products and two environments, as rows of tables: small enough to know every right answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner import analysis
from scanner.config import Config
from scanner.policy import rows as policy_rows
from scanner.snapshot.read import connect_empty
from scanner.snapshot.tables import TABLES
from scanner.split import plan
from scanner.split.model import Split
from tests.rule.memory import fill

HERE, ACCOUNT, OTHER = "eu-west-1", "111111111111", "222222222222"
SHOP = {"product": "shop", "environment": "production"}
NEWS = {"product": "newsletter", "environment": "production"}
TRIAL = {"product": "shop", "environment": "test"}
SHARED = {"environment": "shared"}
Rows = dict[str, list[dict[str, Any]]]


def arn(service: str, resource: str, account: str = ACCOUNT) -> str:
    """The ARN of something in the account; buckets and roles have no Region, buckets no account either."""
    if service == "s3":
        return f"arn:aws:s3:::{resource}"
    return f"arn:aws:{service}:{'' if service == 'iam' else HERE}:{account}:{resource}"


def instance(name: str) -> str:
    return arn("ec2", f"instance/i-{name}")


def group(name: str) -> str:
    return arn("ec2", f"security-group/sg-{name}")


def database(name: str) -> str:
    return arn("rds", f"db:{name}")


def role(name: str) -> str:
    return arn("iam", f"role/{name}")


class World:
    """Rows that can be added to before they are read."""

    def __init__(self, name: str = "legacy", **said: str) -> None:
        self.rows: Rows = {table: [] for table in TABLES}
        self.add("accounts", account_id=ACCOUNT, name=name, status="ACTIVE", is_management=False, is_member=True)
        self.add("organizations", organization_id="o-1", management_account_id=OTHER)
        for key, value in said.items():
            self.add("tags", arn="account", key=key, value=value)
        if said:
            self.rows["accounts"][0]["arn"] = "account"

    def add(self, table: str, **row: Any) -> World:
        self.rows[table].append({"account_id": ACCOUNT, "region": HERE, **row})
        return self

    def tag(self, of: str, tags: Mapping[str, str]) -> World:
        for key, value in tags.items():
            self.add("tags", arn=of, key=key, value=value)
        if tags:
            self.add("tagged_resources", arn=of, service=of.split(":")[2])
        return self

    # ------------------------------------------------------------------ what stands in it

    def network(self, tags: Mapping[str, str] = {}) -> World:
        vpc, subnet = arn("ec2", "vpc/vpc-1"), arn("ec2", "subnet/subnet-1")
        self.add("vpcs", vpc_id="vpc-1", arn=vpc, owner_id=ACCOUNT, name="main", state="available")
        self.add("vpc_cidrs", vpc_id="vpc-1", cidr="10.1.0.0/16", family=4, state="associated")
        self.add("subnets", subnet_id="subnet-1", arn=subnet, vpc_id="vpc-1", owner_id=ACCOUNT, cidr="10.1.1.0/24")
        return self.tag(vpc, tags)

    def group(self, name: str, tags: Mapping[str, str] = {}) -> World:
        row = {"group_id": f"sg-{name}", "vpc_id": "vpc-1", "owner_id": ACCOUNT, "name": name}
        return self.add("security_groups", arn=group(name), **row).tag(group(name), tags)

    def admits(self, to: str, of: str, port: int = 5432) -> World:
        return self.add(
            "security_group_rules", group_id=f"sg-{to}", direction="ingress", protocol="tcp", from_port=port, to_port=port,
            peer_type="group", peer=f"sg-{of}", peer_account_id=ACCOUNT,
        )  # fmt: skip

    def instance(self, name: str, groups: str, tags: Mapping[str, str] = {}, role_name: str | None = None) -> World:
        profile = arn("iam", f"instance-profile/{role_name}") if role_name else None
        self.add(
            "instances", instance_id=f"i-{name}", arn=instance(name), name=name, state="running", vpc_id="vpc-1", subnet_id="subnet-1",
            private_ip=f"10.1.1.{len(self.rows['instances']) + 10}", group_ids=[f"sg-{one}" for one in groups.split()],
            instance_profile_arn=profile,
        )  # fmt: skip
        return self.tag(instance(name), tags)

    def database(self, name: str, groups: str, tags: Mapping[str, str] = {}, key: str | None = None) -> World:
        self.add(
            "databases", arn=database(name), name=name, type="instance", engine="postgres", resource_id=f"db-{name.upper()}",
            vpc_id="vpc-1", subnet_group=None, group_ids=[f"sg-{one}" for one in groups.split()], port=5432, kms_key_arn=key,
        )  # fmt: skip
        return self.tag(database(name), tags)

    def role(self, name: str, actions: str = "", resources: list[str] | None = None) -> World:
        """A role, the instance profile that carries it, and one inline policy."""
        self.add("principals", arn=role(name), type="role", name=name, service_linked=False)
        profile = arn("iam", f"instance-profile/{name}")
        self.add("instance_profiles", arn=profile, name=name, role_arn=role(name))
        return (
            self.policy(role(name), "inline", {"Action": actions.split(), "Resource": resources}) if resources else self
        )

    def policy(self, holder: str, kind: str, statement: Mapping[str, Any]) -> World:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        for table, row in policy_rows(holder, kind, "p", document):
            self.add(table, **row)
        return self

    def bucket(self, name: str, tags: Mapping[str, str] = {}) -> World:
        return self.add("buckets", arn=arn("s3", name), name=name, bucket_region=HERE).tag(arn("s3", name), tags)

    def refused(self, call: str, table: str) -> World:
        self.add("call_tables", account_id=None, region=None, collector="c", call=call, table_name=table)
        return self.add("coverage", collector="c", call=call, status="access_denied")

    # ------------------------------------------------------------------ asking

    def connection(self) -> Any:
        connection = connect_empty()
        for table, rows in self.rows.items():
            fill(connection, table, [tuple(row.get(name) for name in TABLES[table].names) for row in rows])
        analysis.run_all(connection, Config(), "2025-01-01", ["classification", "connections", "database_access"])
        return connection

    def split(self) -> Split:
        with self.connection() as connection:
            return plan.of_account(connection, Config(), ACCOUNT)


def mixed() -> World:
    """Shop and newsletter in production, shop in test; several things that say nothing themselves."""
    world = World().network(SHOP)
    world.group("shop", SHOP).group("db", SHOP).group("news", NEWS).group("trial", TRIAL).admits("db", "shop").admits(
        "db", "news"
    )
    world.instance("web", "shop", SHOP, "shop-app").instance("news", "news", NEWS, "news-app").instance(
        "trial", "trial", TRIAL
    )
    world.instance("worker", "news", role_name="news-app")  # says nothing: goes with newsletter
    key = arn("kms", "key/k-1")
    world.add("kms_keys", arn=key, key_id="k-1", manager="CUSTOMER", aliases=["alias/main"])
    world.database("main", "db", SHOP, key)
    world.add(
        "volumes", volume_id="v-1", arn=arn("ec2", "volume/v-1"), kms_key_arn=key, instance_id="i-news", encrypted=True
    )
    world.add(
        "secrets",
        arn=arn("secretsmanager", "secret:creds"),
        name="creds",
        description=f"The secret of {database('main')}",
    )
    world.bucket("mails", NEWS).bucket("alone")
    orders = arn("dynamodb", "table/orders")
    world.add("dynamodb_tables", arn=orders, name="orders").tag(orders, SHOP)
    mailer = arn("lambda", "function:mailer")
    world.add(
        "compute",
        arn=mailer,
        name="mailer",
        type="function",
        role_arn=role("news-app"),
        group_ids=["sg-news"],
        subnet_ids=["subnet-1"],
    )
    queue, topic = arn("sqs", "events"), arn("sns", "mails")
    world.tag(queue, SHARED).tag(topic, SHARED)
    world.role("shop-app", "sqs:SendMessage", [queue])
    world.role("news-app", "s3:GetObject sqs:ReceiveMessage sns:Publish", [arn("s3", "mails/*"), queue, topic])
    world.role("admin", "*", ["*"])
    world.add(
        "snapshots",
        arn=arn("rds", "snapshot:one"),
        name="one",
        type="database",
        source_arn=database("main"),
        owner_id=ACCOUNT,
    )
    return world
