"""What `split` says of accounts whose right answer is known, from the tables on."""

from __future__ import annotations

import re
from pathlib import Path

from scanner.split.couplings import QUERIES
from scanner.split.kinds import KINDS
from scanner.split.model import Placement, Split, as_json
from tests.split.world import (
    ACCOUNT,
    NEWS,
    SHARED,
    SHOP,
    TRIAL,
    World,
    arn,
    database,
    group,
    instance,
    mixed,
    role,
)  # fmt: skip


def where(split: Split) -> dict[str, Placement]:
    return {one.resource.arn: one for one in split.placements}


def crossing(split: Split, kind: str) -> set[tuple[str, str]]:
    return {(one.coupling.source, one.coupling.target) for one in split.crossings if one.coupling.kind == kind}


def test_a_mixed_account_becomes_one_per_workload_and_environment() -> None:
    split = mixed().split()
    assert split.verdict == "split" and "newsletter, shop" in split.why and "production, test" in split.why
    sorts = {cell.name: cell.sort for cell in split.cells}
    assert sorts == {
        "newsletter / production": "product", "shop / production": "product", "shop / test": "product",
        "shared / shared": "shared", "unknown / unknown": "undecided",
    }  # fmt: skip
    assert sum(cell.stays for cell in split.cells if cell.sort == "product") == 1
    assert {cell.account for cell in split.cells if cell.stays} == {"legacy"}
    evident = {instance("web"): ("shop", "production"), instance("trial"): ("shop", "test"), arn("s3", "mails"): ("newsletter", "production")}  # fmt: skip
    for one, key in evident.items():
        assert (where(split)[one].key, where(split)[one].basis) == (key, "evidence")


def test_guesses_name_the_coupling_that_decided() -> None:
    found = where(mixed().split())
    deciding = {
        instance("worker"): ("newsletter", "role"),
        arn("lambda", "function:mailer"): ("newsletter", "role"),
        role("shop-app"): ("shop", "role"),
        role("news-app"): ("newsletter", "role"),
        arn("secretsmanager", "secret:creds"): ("shop", "secret"),
        arn("ec2", "volume/v-1"): ("newsletter", "attachment"),
        arn("rds", "snapshot:one"): ("shop", "copy"),
        arn("ec2", "subnet/subnet-1"): ("shop", "part"),
    }
    for one, (workload, kind) in deciding.items():
        placement = found[one]
        assert (placement.workload, placement.basis, placement.environment) == (workload, "guessed", "production"), one
        assert placement.decided_by is not None and placement.decided_by.kind == kind
        assert placement.decided_by.evidence in placement.because
    alone = found[arn("s3", "alone")]
    assert (alone.basis, alone.decided_by, alone.confidence) == ("undecided", None, "none")
    assert role("admin") not in found


def test_what_is_shared_has_an_account_of_its_own_only_where_several_use_it() -> None:
    found = where(mixed().split())
    assert (found[arn("sqs", "events")].basis, found[arn("sqs", "events")].key) == ("shared", ("shared", "shared"))
    assert "newsletter, shop use it" in found[arn("sqs", "events")].because
    topic = found[arn("sns", "mails")]
    assert (topic.key, topic.basis) == (("newsletter", "production"), "guessed")
    assert "but only newsletter uses it" in topic.because
    unused = where(mixed().tag(arn("sns", "nobody"), SHARED).split())[arn("sns", "nobody")]
    assert unused.basis == "undecided" and "nothing was seen that uses it" in unused.because


def test_where_nothing_is_for_a_product_the_platform_is_the_workload() -> None:
    platform = {"product": "platform", "environment": "production"}
    world = World().bucket("one", platform).bucket("two", {**platform, "environment": "test"})
    assert [cell.name for cell in world.split().cells] == ["platform / production", "platform / test"]


def test_every_kind_of_coupling_is_seen() -> None:
    split = mixed().split()
    assert crossing(split, "key") == {(database("main"), arn("kms", "key/k-1"))}
    assert crossing(split, "group_rule") == {(group("news"), group("db"))}
    assert crossing(split, "policy") == {
        (role("shop-app"), arn("sqs", "events")),
        (role("news-app"), arn("sqs", "events")),
    }
    machines = {*map(instance, ("news", "trial", "worker")), arn("lambda", "function:mailer")}
    assert {source for source, _ in crossing(split, "subnet")} == machines
    assert all(one.coupling.evidence and one.instead for one in split.crossings)
    says = {one.coupling.kind: one.coupling.evidence for one in split.crossings}
    assert says["group_rule"] == "security group news is admitted by security group db on tcp port 5432"
    assert any("API" in one.instead for one in split.crossings)


def test_moves_come_in_the_cheapest_order() -> None:
    split = mixed().split()
    titles = [step.title for step in split.steps]
    assert titles[0].startswith("Open account shop-test") and titles[1] == "Move instance trial to shop-test"
    assert titles.index("Move instance worker to newsletter-production") < titles.index(
        "Move bucket mails to newsletter-production"
    )
    bucket = next(step for step in split.steps if step.title.startswith("Move bucket"))
    assert any("a bucket of another name" in need for need in bucket.needs)
    assert any("backup plan" in need for need in bucket.needs)
    assert {step.effort for step in split.steps} <= {"hours", "days", "weeks"}


def test_accounts_that_exist_are_used() -> None:
    world = mixed()
    world.add(
        "accounts", account_id="333333333333", name="shop-test-live", arn="there", status="ACTIVE", is_member=True
    )
    world.add("tags", arn="there", key="product", value="shop").add(
        "tags", arn="there", key="environment", value="test"
    )
    cell = next(cell for cell in world.split().cells if cell.name == "shop / test")
    assert (cell.account, cell.account_id, cell.stays) == ("shop-test-live", "333333333333", False)


def test_the_account_keeps_what_it_is_tagged_for() -> None:
    def staying(**said: str) -> list[str]:
        world = World("box", **said).network(SHOP).group("a")
        world.database("big", "a", NEWS).instance("small", "a", SHOP)
        return [cell.name for cell in world.split().cells if cell.stays]

    assert staying(product="shop") == ["shop / production"]
    assert staying(product="newsletter") == ["newsletter / production"]
    assert staying() == ["newsletter / production"], "what is dearest to move"


def test_nothing_stays_in_the_management_account() -> None:
    world = mixed()
    world.rows["accounts"][0]["is_management"] = True
    split = world.split()
    assert not any(cell.stays for cell in split.cells if cell.sort == "product")
    assert any("management account" in note for note in split.notes)


def test_an_account_that_mixes_nothing_gets_a_plain_answer() -> None:
    world = World().network(SHOP).group("a", SHOP).instance("web", "a", SHOP).instance("bare", "a")
    split = world.split()
    assert (split.verdict, split.cells, split.steps) == ("whole", (), ())
    assert split.why == "There is nothing to split: everything that says what it is for names one workload (shop) and one environment (production)."  # fmt: skip
    assert World().split().why == "There is nothing to split: no resource was found in it."
    shared = World().tag(arn("sqs", "q"), SHARED).tag(arn("sqs", "r"), {"product": "platform", **SHARED}).split()
    assert shared.verdict == "whole" and "nothing to split by" in shared.why


def test_the_name_of_an_account_is_no_second_workload() -> None:
    world = World("legacy-shop").network(SHOP).group("a", SHOP).instance("web", "a", SHOP).instance("bare", "a")
    assert world.split().verdict == "whole"
    tagged = (
        World("x", product="billing", environment="production")
        .network(SHOP)
        .group("a", SHOP)
        .instance("web", "a", SHOP)
        .instance("n", "a", NEWS)
    )
    found = where(tagged.bucket("bare").split())[arn("s3", "bare")]
    assert (found.workload, found.basis, found.confidence) == ("billing", "guessed", "low")


def test_what_an_account_is_tagged_for_is_a_second_workload_where_something_inherits_it() -> None:
    world = World("x", product="billing", environment="production").network().group("a").instance("n", "a", NEWS)
    assert world.split().verdict == "whole", "the network is for what stands in it"
    assert world.bucket("bare").split().verdict == "split"


def test_what_was_not_seen_is_said() -> None:
    split = mixed().refused("s3.list_buckets", "buckets").split()
    calls = [line for line in split.not_seen if not line.startswith("Who else")]
    assert calls == ["s3.list_buckets in eu-west-1 (access_denied): buckets were not, or not all, seen."]
    assert any(f"{database('main')} is not known: network_interfaces" in line for line in split.not_seen)
    whole = World().network(SHOP).refused("rds.describe_db_instances", "databases").split()
    assert whole.verdict == "whole" and whole.why.endswith("What was not seen may say otherwise.") and whole.not_seen
    closed = World()
    closed.add("call_tables", account_id=None, region=None, collector="c", call="s3.list_buckets", table_name="buckets")
    closed.add("coverage", collector="*", call="*", status="no_role", region="*")
    split = closed.split()
    assert split.verdict == "unknown" and "not read" in split.why and "not entered" in split.not_seen[0]
    assert as_json(split)["layout"] == []


def test_a_table_whose_tags_were_not_read_gets_nothing_from_its_account() -> None:
    world = World("box", product="shop", environment="production").network(SHOP).group("a").instance("web", "a", SHOP)
    world.instance("trial", "a", TRIAL)
    table = arn("dynamodb", "table/t")
    world.add("dynamodb_tables", arn=table, name="t").refused("dynamodb.list_tags_of_resource", "tags")
    found = where(world.split())[table]
    assert "its tags were not read" in found.because and found.confidence in ("low", "none")


def test_policies_name_resources_by_pattern() -> None:
    world = World().network(SHOP).group("a", SHOP).instance("web", "a", SHOP).instance("news", "a", NEWS)
    for name in ("shop-one", "shop-two", "other"):
        world.bucket(name, SHOP)
    world.database("main", "a", NEWS)
    orders = arn("dynamodb", "table/orders")
    world.add("dynamodb_tables", arn=orders, name="orders").tag(orders, NEWS)
    named = {
        "some": ("s3:GetObject", [arn("s3", "shop-*/*")], {arn("s3", "shop-one"), arn("s3", "shop-two")}),
        "index": ("dynamodb:Query", [f"{orders}/index/*"], {orders}),
        "login": ("rds-db:connect", [arn("rds-db", "dbuser:db-MAIN/app")], {database("main")}),
        "idle": ("s3:GetObject", [orders], set()),
        "wide": ("s3:*", ["arn:aws:s3:::*", "*"], set()),
        "lister": ("s3:ListBucket logs:PutLogEvents", ["*"], set()),
    }
    for name, (action, resources, _) in named.items():
        world.role(name, action, resources)
    world.policy(
        arn("s3", "other"), "resource", {"Principal": {"AWS": role("login")}, "Action": "s3:*", "Resource": "*"}
    )
    split = world.split()
    found: dict[str, set[str]] = {}
    placed = where(split)
    assert not {role("idle"), role("wide")} & placed.keys()
    for one in split.crossings:
        found.setdefault(one.coupling.source, set()).add(one.coupling.target)
    for name, (_, _, targets) in named.items():
        mine = placed.get(role(name))
        for target in targets:
            assert mine is not None
            assert placed[target].key == mine.key or target in found[role(name)]
    noted = " ".join(split.notes)
    assert "a service: wide." in noted and "lister" not in noted
    assert placed[role("login")].decided_by is not None


def test_the_answer_is_the_same_each_time() -> None:
    one, two = mixed(), mixed()
    for rows in two.rows.values():
        rows.reverse()
    assert as_json(one.split()) == as_json(two.split())


def test_what_leads_to_other_accounts_is_told_and_not_placed() -> None:
    world = mixed()
    other = arn("kms", "key/k-9", "999999999999")
    world.add(
        "snapshots",
        arn=arn("rds", "snapshot:two"),
        name="two",
        type="database",
        source_arn=database("main"),
        kms_key_arn=other,
    )
    world.add("policy_statements", statement_id="t", holder_arn="arn:aws:iam::2:role/x", kind="trust", effect="Allow", account_id="2", principals_negated=False)  # fmt: skip
    world.add(
        "statement_principals",
        statement_id="t",
        type="AWS",
        value=role("news-app"),
        principal_account=ACCOUNT,
        account_id="2",
    )
    split = world.split()
    assert other not in where(split)
    assert {one.resource.arn.split(":")[4] for one in split.placements} <= {"", ACCOUNT}
    assert any(other in note and "two" in note for note in split.notes)
    assert any("arn:aws:iam::2:role/x" in note for note in split.notes)


def test_the_page_lists_every_kind_of_coupling_with_its_points() -> None:
    page = (Path(__file__).parents[2] / "docs" / "split.md").read_text()
    rows = re.findall(r"^\| ([a-z_, ]+) \| (\d+) \|", page, re.M)
    told = {kind: int(points) for kinds, points in rows for kind in kinds.split(", ")}
    assert told == {name: kind.weight for name, kind in KINDS.items()}
    assert set(QUERIES) | {"policy", "resource_policy", "trust"} == set(KINDS)
