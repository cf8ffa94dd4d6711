"""`bulkhead gate --demo`: four changes to the sample organization, judged before they are applied.

The plans beside this file were made with Terraform against the sample organization; what AWS draws anew every time, such as ids, is
written as a name in them and filled in from the snapshot.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports import gate as papers
from scanner import progress
from scanner.config import Config
from scanner.demo import run as sample
from scanner.errors import OutputError, UsageError
from scanner.gate import judge
from scanner.snapshot.read import connect

PLANS = Path(__file__).with_name("plans")
_NAMED = re.compile(r"\{\{([^{}]+)\}\}")


@dataclass(frozen=True)
class Planned:
    """One change: the folder of its plan, what somebody wants, and how the gate ends."""

    name: str
    wish: str
    exit_code: int


CHANGES = (
    Planned("peering", "peer production with test, and let the testers at its database", 1),
    Planned("account", "a new account in a hurry: in no unit, and nobody says whose it is", 1),
    Planned("vault", "move the vault with the copies of the catalog into the account of the catalog", 1),
    Planned("guardrails", "keep every account in the organization, and lock the vault of the catalog's copies", 0),
)


def run(out: Path) -> int:
    """Judge the four changes over OUT/bulkhead.snapshot, which is made first where it is not there; returns 0 when each ends as told.

    Plans and verdicts are written to OUT/gate. Raises BulkheadError.
    """
    snapshot = out / "bulkhead.snapshot"
    if not snapshot.exists():
        sample.run(out, serve=False, color=True)
    folder = out / "gate"
    ended = [judge_one(change, snapshot, folder) for change in CHANGES]
    print("\n".join(("", *ended)))
    return 0 if all(line.endswith("as it should") for line in ended) else 1


def judge_one(change: Planned, snapshot: Path, folder: Path) -> str:
    """Judge one change, print what comes out, and return one line about it."""
    path = fill(change.name, snapshot, folder)
    found = judge.gate([path], snapshot, Config(), source=PLANS / change.name)
    progress.console(True).rule(change.wish)
    print(papers.text(found))
    (folder / f"{change.name}.md").write_text(papers.markdown(found) + "\n", encoding="utf-8")
    right = "as it should" if found.exit_code == change.exit_code else f"though {change.exit_code} was expected"
    return f"{change.name}: exits {found.exit_code}, {right}"


def fill(name: str, snapshot: Path, folder: Path) -> Path:
    """Write a plan with the ids of this snapshot; returns its path. Raises UsageError where it is not of the sample organization."""
    ids = names(snapshot)

    def real(match: re.Match[str]) -> str:
        if match[1] not in ids:
            raise UsageError(
                f"{snapshot} is not of the sample organization (no {match[1]}); make it with `bulkhead demo`"
            )
        return ids[match[1]]

    text = _NAMED.sub(real, (PLANS / name / "plan.json").read_text(encoding="utf-8"))
    json.loads(text)
    path = folder / f"{name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror}; choose another --out") from error
    return path


def names(snapshot: Path) -> dict[str, str]:
    """What AWS draws anew every time, by a name that stays: accounts, units, networks, groups."""
    with connect(snapshot) as connection:
        found: list[tuple[Any, ...]] = connection.execute(_NAMES).fetchall()
    return {str(name): str(value) for name, value in found if name and value}


_NAMES = """
SELECT 'account ' || name AS name, account_id AS id FROM accounts
UNION ALL SELECT 'unit ' || name, unit_id FROM organizational_units
UNION ALL SELECT 'organization', organization_id FROM organizations
UNION ALL SELECT 'vpc ' || name, vpc_id FROM vpcs WHERE name IS NOT NULL
UNION ALL SELECT 'routes of ' || v.name, t.route_table_id FROM route_tables t JOIN vpcs v ON v.vpc_id = t.vpc_id
  WHERE t.is_main AND v.name IS NOT NULL
UNION ALL SELECT 'group ' || g.name || ' of ' || v.name, g.group_id FROM security_groups g JOIN vpcs v ON v.vpc_id = g.vpc_id
  WHERE v.name IS NOT NULL
ORDER BY ALL
"""


def template(text: str, snapshot: Path) -> str:
    """The other way round: put names in place of the ids of this snapshot."""
    for name, value in sorted(names(snapshot).items(), key=lambda one: -len(one[1])):
        text = text.replace(value, "{{" + name + "}}")
    return text
