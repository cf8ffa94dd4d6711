"""Results to report on: small ones as a reader of the demo sees them, big ones made quickly. No clock, a fixed seed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from scanner.findings import (
    Account,
    Advice,
    CallCount,
    Coverage,
    Finding,
    Gap,
    Result,
    RuleResult,
    Scan,
    Score,
    Severity,
    Subject,
    Unit,
    fingerprint,
)
from scanner.lasting import (
    Acceptance,
    Accepted,
    BaselineUse,
    Comparison,
    Difference,
    Kind,
    Point,
    Side,
    Since,
    Waiver,
    WaiverUse,
)
from tests.reports import damage

# principle, rule, title, severity, effort, subject type, message, why, fix
_RULES: tuple[tuple[str, str, str, Severity, str, str, str, str, str], ...] = (
    (
        "backup_isolation", "copies_share_account", "Every copy of the data is in the account of the original",
        "critical", "medium", "data_store", "aurora-postgresql {name} has {n} copies, all of them in {account}",
        "Whoever can erase the account erases the data and every copy of it in one go.\n\nIn June 2014 Code Spaces lost "
        "everything within 12 hours that way: databases, snapshots and off-site backups shared one account.",
        "Copy recovery points to a vault of a backup account:\n\n1. Create an account that does nothing but keep copies.\n"
        "2. Allow cross-account copies in AWS Backup.\n3. Add a copy action to the plan.",
    ),
    (
        "environment_separation", "account_mixes_environments", "Production shares its account with another environment",
        "critical", "high", "account", "{account} holds {n} production resources beside test ones",
        "A command meant for the test environment reaches production when both are in one account.",
        "Give production an account of its own and move the test resources out of this one.",
    ),
    (
        "environment_separation", "network_path_to_production", "A network path leads from test to production",
        "high", "medium", "vpc_connection", "Peering {name} lets {n} test workloads open connections to production",
        "Routes and security groups together admit a connection that nobody meant to allow.",
        "Remove the route, or close the security group to the peer's address range.",
    ),
    (
        "database_integration", "many_workloads_one_database", "Several workloads share one database",
        "high", "high", "data_store", "{n} workloads can open a connection to {name}",
        "A shared database couples workloads by its tables: none of them can change without the others.",
        "Let one workload own the database and offer an API to the others.",
    ),
    (
        "blast_radius", "trusts_whole_account", "A role trusts a whole account", "high", "low", "role",
        "Role {name} can be assumed by everybody in {n} other accounts", "Every principal of the trusted account gets in.",
        "Name the role that may assume it, or add a condition.",
    ),
    (
        "blast_radius", "account_reaches_too_many", "One account reaches too many others", "medium", "high", "account",
        "Whoever takes over {account} reaches {n} more accounts", "One hole floods many compartments.",
        "Cut the trust edges that the drill lists.",
    ),
    (
        "least_privilege", "administrator_access", "A principal has AdministratorAccess", "medium", "medium", "role",
        "Role {name} may do everything", "A stolen session of it is a stolen account.", "Grant what its last 90 days used.",
    ),
    (
        "account_slicing", "account_hosts_many_workloads", "An account hosts several workloads", "medium", "high",
        "account", "{account} hosts {n} workloads", "IAM is then the only wall between them.",
        "Move each workload to accounts of its own.",
    ),
    (
        "ownership_and_billing", "account_without_owner", "An account has no owner", "low", "low", "account",
        "{account} lacks the tags owner and cost-centre", "Nobody is told when something is wrong with it.",
        "Tag the account in AWS Organizations.",
    ),
    (
        "limits", "hard_limit_near", "A quota that cannot be raised is nearly used up", "low", "medium", "quota",
        "{name} of {account} is used to {n} %", "Deployments fail when it is reached.", "Move a workload to another account.",
    ),
    (
        "governance", "no_guardrail", "No policy restricts an account", "medium", "low", "account",
        "Only FullAWSAccess is in effect on {account}", "Nothing stops an administrator of it.",
        "Attach a service control policy to its unit.",
    ),
)  # fmt: skip
ACCEPTED = Acceptance("moves with the next release", "platform@example.com", "2025-12-31")
_ENVIRONMENTS = ("production", "staging", "test")
_REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
_WORDS = ("shop", "billing", "search", "ledger", "identity", "catalogue", "shipping", "pricing", "reviews", "payments")
SCAN = Scan("scan-0001", "2025-03-02T08:00:00Z", "2025-03-02T08:04:11Z", "o-a1b2c3d4e5", "0.1.0")


def make(accounts: int, findings_per_account: float = 3.0, seed: int = 1) -> Result:
    """Return a plausible result: a management account, a workload per three accounts, gaps, waivers, one unread account."""
    chance = random.Random(seed)
    units = _units(accounts)
    members = tuple(_account(number, accounts, units) for number in range(accounts))
    findings = _findings(members, int(accounts * findings_per_account), chance)
    gaps = _gaps(members)
    rules = tuple(_rule(rule, findings, accounts) for rule in _RULES)
    scores = {account.id: _score(account, chance) for account in members}
    seen = {
        account.id: (1.0 if number % 7 else 0.81) if account.read else 0.0 for number, account in enumerate(members)
    }
    pairs = damage.reach(members)
    return Result(
        scan=SCAN,
        coverage=Coverage(0.9713, _coverages(), seen, gaps, ("limits/hard_limit_near",)),
        score=Score(61.24, _scores(), scores, _workload_scores(members, chance), _unit_scores(units, chance)),
        findings=findings,
        rules=rules,
        accounts=members,
        units=units,
        calls=(
            CallCount("ec2", 40 * accounts, 3),
            CallCount("iam", 4 * accounts, 0),
            CallCount("rds", 9 * accounts, 0),
        ),
        advice=_advice(rules),
        matrix=_matrix(members),
        reach=pairs,
        drills=damage.drills(members, pairs),
        waivers=_waivers(findings),
        baseline=BaselineUse(40, 31, 2, 7),
        accepted=Accepted(
            sum(f.status == "waived" for f in findings), sum(f.status == "baseline" for f in findings), 2.34
        ),
        since=Since("scan-0000", "2025-02-20T08:04:11Z", 58.3, 0.95, 4, 9, 2, True),
        trend=tuple(_point(day, 50.0 + day, 0.95) for day in range(1, 12)),
    )


def hostile(text: str, other: str = "", link: str = "https://example.com/a") -> Result:
    """Return a result in which every text that a stranger can choose is `text`, every one a rule author can is `other`."""
    other = other or text
    subject = Subject(text, text, text, text)
    mark = "00112233445566ff"
    evidence = {text or "key": [text, {text: None}], "copies": 3, "path": [text, text]}
    finding = Finding(
        mark, "p/r", "p", "critical", "high", "fail", "open", subject, text, text, text, text, text, text, evidence,
        other, (other, link), "2025-03-02", text, 3, text, Acceptance(text, text, "2027-01-31"),
    )  # fmt: skip
    waiver = Waiver(text, text, text, text, text, text, text, text, "2027-01-31", 3)
    rule = RuleResult("p/r", "p", other, "critical", "high", "low", text, other, other, (other, link), 1, 1, 1, 0)
    account = Account(text, text, text, text, (text, text), text, text, text, True, True, 3)
    return Result(
        scan=Scan(text, text, text, text, text),
        coverage=Coverage(
            0.5, {"p": 0.5}, {text: None}, (Gap(text, text, text, text, text, text, 2),), ("p/r", text)
        ),
        score=Score(99.97, {"p": None}, {text: 12.0}, {text: 3.0}, {text: 50.0}),
        findings=(finding,),
        rules=(rule,),
        accounts=(account,),
        units=(Unit(text, text, None),),
        calls=(CallCount(text, 3, 1),),
        advice=(Advice("p/r", other, text, 1, 1, 3.04, other, text, "critical", ("p/r",), (mark,), (text,), (text,), 99.97),),
        waivers=(WaiverUse(waiver, "expired", 1, text), WaiverUse(waiver, "active", 2, "")),
        baseline=BaselineUse(3, 1, 1, 1),
        accepted=Accepted(1, 2, 0.5),
        since=Since(text, text, 12.0, 0.5, 1, 2, 3, False),
        trend=(Point(text, text, 12.0, 0.5, {"critical": 1}, 0, 1, 1, text, {text: (1.0, 1.0)}), Point("b", text, None, None, {}, 0, 0, 0, "")),
        matrix=((text, text, text), (text, text + "2", text)),
        reach=damage.hostile_reach(text),
        drills=(damage.hostile_drill(text),),
        comparison=_hostile_comparison(text),
    )  # fmt: skip


def _hostile_comparison(text: str) -> Comparison:
    one = Difference(
        "new", "00112233445566ff", text, "critical", text, text, text, text, text, text, text, text, text, (text,)
    )
    side = Side(text, text, text, 1.0, 1.0, 1)
    return Comparison(side, side, (one,), (one,), (one,), (one,), 1, (text,))


def compared(result: Result) -> Result:
    """Return the result with some of its findings told as new, changed, fixed or not evaluated any more."""
    side = Side("scan-0000", "2025-02-20T08:04:11Z", result.scan.organization_id, 58.3, 0.95, 30)
    found = Comparison(
        side, replace(side, scan_id=result.scan.id, score=61.2), _differences("new", result.findings[:3]),
        _differences("fixed", result.findings[3:5]), _differences("changed", result.findings[5:6]),
        _differences("unseen", result.findings[6:7]), 20, ("other rules were run: 1 more and 0 fewer",),
    )  # fmt: skip
    return replace(result, comparison=found)


def _differences(kind: Kind, findings: tuple[Finding, ...]) -> tuple[Difference, ...]:
    return tuple(
        Difference(
            kind, one.fingerprint, one.rule_id, one.severity, one.status, one.subject.type, one.subject.id,
            one.subject.name, one.account_id, one.account_name, one.message, "appeared", "it did not fail before", ("message",),
        )
        for one in findings
    )  # fmt: skip


def empty() -> Result:
    """Return the result of a scan to which no rule applied."""
    return Result(SCAN, Coverage(None, {}, {}, (), ()), Score(None, {}, {}), (), (), (), (), (), (), ())


def _units(accounts: int) -> tuple[Unit, ...]:
    names = ("Security", "Workloads", "Sandbox") if accounts > 3 else ("Workloads",)
    top = [Unit(f"ou-a1-{number:08d}", name, "r-a1") for number, name in enumerate(names)]
    below = [
        Unit(f"ou-a2-{number:08d}", f"Product line {number}", next(u.id for u in top if u.name == "Workloads"))
        for number in range(max(0, accounts // 40))
    ]
    return (Unit("r-a1", "Root", None), *top, *below)


def _account(number: int, of: int, units: tuple[Unit, ...]) -> Account:
    unit = units[number % len(units)] if number else units[0]
    workload = None if number == 0 else _workload(number)
    environment = "shared" if number == 0 else _ENVIRONMENTS[number % 3]
    name = "management" if number == 0 else f"{workload}-{environment}"
    path = ("Root",) if unit.parent_id is None else ("Root", unit.name)
    read = number != of - 1 or of < 6
    owner = None if number % 5 == 0 else f"team-{number % 17}@example.com"
    return Account(
        f"{111100000000 + number * 7919:012d}", name, "ACTIVE", unit.id, path, environment, workload, owner,
        number == 0, read, 0 if not read else 20 + number % 300,
    )  # fmt: skip


def _workload(number: int) -> str:
    word = _WORDS[(number // 3) % len(_WORDS)]
    return word if number < 3 * len(_WORDS) else f"{word}-{number // (3 * len(_WORDS))}"


def _findings(members: tuple[Account, ...], count: int, chance: random.Random) -> tuple[Finding, ...]:
    order = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    made = [_finding(number, members[number % len(members)], chance) for number in range(count)]
    return tuple(sorted(made, key=lambda finding: (order[finding.severity], finding.rule_id, finding.subject.id)))


def _finding(number: int, account: Account, chance: random.Random) -> Finding:
    principle, rule, _, severity, _, kind, message, _, fix = _RULES[number % len(_RULES)]
    region = _REGIONS[number % 3]
    name = account.name if kind == "account" else f"{account.workload or 'core'}-{kind[:2]}{number:x}"
    arn = f"arn:aws:{_service(kind)}:{region}:{account.id}:{kind}:{name}"
    unseen = number % 13 == 0
    amount = chance.randint(2, 30)
    copies = [f"arn:aws:rds:{region}:{account.id}:snapshot:{name}-{n}" for n in range(amount % 3)]
    return Finding(
        fingerprint=fingerprint(f"{principle}/{rule}", kind, f"{arn}{number}"),
        rule_id=f"{principle}/{rule}", principle=principle, severity=severity, confidence="high" if number % 4 else "medium",
        outcome="not_evaluated" if unseen else "fail",
        status="waived" if number % 17 == 5 else "baseline" if number % 29 == 3 else "open",
        subject=Subject(kind, arn, arn, name), account_id=account.id, account_name=account.name,
        environment=account.environment, workload=account.workload, region=None if kind in ("role", "account") else region,
        message="rds:DescribeDBSnapshots was denied by a service control policy" if unseen
        else message.format(name=name, n=amount, account=account.name),
        evidence={"copies": None if unseen else amount, "copy_arns": copies, "encrypted": amount % 2 == 0, **_path(rule, account)},
        remediation=fix, references=("article#security", "https://docs.aws.amazon.com/aws-backup/latest/devguide/"),
        first_seen="2025-02-20" if number % 3 else None,
        waiver=ACCEPTED if number % 17 == 5 else None, fixed_at=f"policy of unit {number % 5}" if number % 3 == 1 else None,
    )  # fmt: skip


def _path(rule: str, account: Account) -> dict[str, list[str]]:
    if rule != "account_reaches_too_many":
        return {}
    return {
        "chain": [f"Whoever holds {account.id} is administrator of it", "It may assume role deploy of the next account"]
    }


def _service(kind: str) -> str:
    return {"data_store": "rds", "role": "iam", "vpc_connection": "ec2"}.get(kind, "organizations")


def _gaps(members: tuple[Account, ...]) -> tuple[Gap, ...]:
    last = members[-1]
    gaps = [
        Gap(last.id, "global", "iam", "GetAccountAuthorizationDetails", "no_role", "role BulkheadAudit is missing", 57)
    ]
    for account in members[1::7]:
        for region in _REGIONS[:2]:
            reason = "a service control policy denies it"
            gaps.append(Gap(account.id, region, "rds", "DescribeDBSnapshots", "access_denied(scp)", reason, 1))
    return tuple(gaps)


def _rule(
    rule: tuple[str, str, str, Severity, str, str, str, str, str], findings: tuple[Finding, ...], accounts: int
) -> RuleResult:
    principle, name, title, severity, effort, kind, _, why, fix = rule
    rule_id = f"{principle}/{name}"
    mine = Counter((f.outcome, f.status) for f in findings if f.rule_id == rule_id)
    failed = sum(count for (outcome, _), count in mine.items() if outcome == "fail")
    unseen = sum(mine.values()) - failed
    references = ("article#security", "https://docs.aws.amazon.com/aws-backup/latest/devguide/")
    return RuleResult(
        rule_id, principle, title, severity, "high", effort, kind, why, fix, references, 2 * accounts, failed, unseen,
        mine["fail", "waived"],
    )  # fmt: skip


def _advice(rules: tuple[RuleResult, ...]) -> tuple[Advice, ...]:
    gains = (7.42, 5.1, 3.9, 2.25, 1.3, 0.9)
    failing = [rule for rule in rules if rule.failed]
    return tuple(
        Advice(
            rule.rule_id,
            rule.title,
            rule.effort,
            rule.failed,
            min(rule.failed, 3),
            gain,
            rule.fix,
            f"policy of unit {gain}",
        )
        for rule, gain in zip(failing, gains, strict=False)
    )


def _waivers(findings: tuple[Finding, ...]) -> tuple[WaiverUse, ...]:
    number = sum(finding.status == "waived" for finding in findings)
    why = ("moves with the next release", "platform@example.com", "2025-12-31")
    old = ("was to be deleted in January", "data@example.com", "2025-01-31")
    return (
        WaiverUse(Waiver("blast_radius/*", "1111*", None, None, None, None, *why, 2), "active", number, ""),
        WaiverUse(Waiver("backup_isolation/not_backed_up", None, None, "shop", None, None, *old, 9), "expired", 3,
                  "it ended on 2025-01-31; of what it covered 3 are open"),
        WaiverUse(Waiver("limits/*", None, "Sandbox", None, "us-east-1", "scratch-*", *why, 16), "unseen", 0,
                  "what it is about could not be evaluated"),
    )  # fmt: skip


def _point(day: int, score: float, coverage: float) -> Point:
    failing = {"critical": 12 - day, "high": 20, "medium": 30, "low": 3}
    return Point(f"scan-{day}", f"2025-02-{day:02d}T08:04:11Z", score, coverage, failing, 3, 7, 40, "a1b2c3d4")


def _scores() -> dict[str, float | None]:
    values = (72.0, 41.5, 58.3, 66.0, 38.9, 91.2, 84.0, None, 96.7)
    return dict(zip(sorted({rule[0] for rule in _RULES}), values, strict=True))


def _coverages() -> dict[str, float | None]:
    values = (1.0, 0.93, 0.99, 0.97, 0.985, 1.0, 0.999, 0.0, 0.62)
    return dict(zip(sorted({rule[0] for rule in _RULES}), values, strict=True))


def _score(account: Account, chance: random.Random) -> float | None:
    return round(chance.triangular(20, 100, 80), 2) if account.read else None


def _workload_scores(members: tuple[Account, ...], chance: random.Random) -> dict[str, float | None]:
    return {
        name: round(chance.triangular(20, 100, 75), 2) for name in sorted({a.workload for a in members if a.workload})
    }


def _unit_scores(units: tuple[Unit, ...], chance: random.Random) -> dict[str, float | None]:
    return {unit.id: round(chance.triangular(30, 100, 75), 2) for unit in units}


def _matrix(members: tuple[Account, ...]) -> tuple[tuple[str, str, str], ...]:
    cells = {(a.workload, a.environment, a.id) for a in members if a.workload and a.read}
    cells |= {("billing", "production", a.id) for a in members[1:2]}
    cells |= {(a.workload or "core", "test", a.id) for a in members[3:300:9]}
    cells |= {("logging", "shared", a.id) for a in members[-2:-1]}
    return tuple(sorted(cells))
