"""Permission set by permission set, and account by account: may it change anything there, and through which policies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scanner.analysis import insert
from scanner.analysis.permission_sets.actions import HERE, Grants, grants, union
from scanner.analysis.policies import KNOWN_BY_HEART, by_heart, glob
from scanner.config import Config
from scanner.snapshot.schema import table

USES = ()
ACCESS = table(
    "permission_set_access",
    "Whether a permission set lets people change anything in an account it is provisioned to.",
    """
        permission_set_arn string Permission set.
        target_account_id string The account.
        writes bool It allows an action that AWS does not class as a read; NULL when that hangs on something not known.
        through strings Policies that allow it.
        hangs_on strings What would have to be known, where it is not: names of policies, conditions.
    """,
)
TABLES = (ACCESS,)

# AWS keeps what these names say (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html): they
# beat the documents, in which a few actions are classed as writes though they change nothing.
READ_ONLY = (
    "*:iam::aws:policy/*ReadOnlyAccess",
    "*:iam::aws:policy/*ViewOnlyAccess",
    "*:iam::aws:policy/SecurityAudit",
)
NOTHING = '{"Version":"2012-10-17","Statement":[]}'
INLINE = "inline policy"


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy as one account has it. `text` is None when its document is not known."""

    name: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Access:
    writes: bool | None
    through: tuple[str, ...] = ()
    hangs_on: tuple[str, ...] = ()


def run(connection: Any, config: Config) -> None:
    places = connection.execute(_PLACES_SQL).fetchall()
    if not places:
        return
    reader = _Sets(connection)
    rows = []
    for account, region, arn, target in places:
        found = reader.access(arn, target)
        rows.append((account, region, arn, target, found.writes, list(found.through), list(found.hangs_on)))
    insert(connection, ACCESS, rows)


class _Sets:
    """The permission sets and the documents they stand on."""

    def __init__(self, connection: Any):
        self._sets = {arn: rest for arn, *rest in connection.execute(_SETS_SQL).fetchall()}
        self._attached: dict[str, list[tuple[str | None, str | None, str]]] = defaultdict(list)
        for arn, policy_arn, path, name in connection.execute(_POLICIES_SQL).fetchall():
            self._attached[arn].append((policy_arn, path, name))
        self._inline: dict[str, str] = dict(connection.execute(_INLINE_SQL).fetchall())
        self._documents: dict[str, str] = dict(connection.execute(_DOCUMENTS_SQL).fetchall())

    def access(self, arn: str, account: str) -> Access:
        policy_read, boundary_arn, path, boundary_read = self._sets.get(arn, (False, None, None, False))
        held = [Attached(name, self._text(arn, account, *place)) for *place, name in self._attached.get(arn, ())]
        if arn in self._inline:
            held.append(Attached(INLINE, self._inline[arn].replace(account, HERE)))
        boundary = None
        if boundary_arn or path or not boundary_read:
            text = self._text(arn, account, boundary_arn, path) if boundary_arn or path else None
            boundary = Attached("permissions boundary", text)
        return judge(tuple(held), boundary, bool(policy_read))

    def _text(self, arn: str, account: str, policy_arn: str | None, path: str | None) -> str | None:
        """The document of a managed policy; None when nothing showed it."""
        policy = policy_arn or f"arn:{arn.split(':')[1]}:iam::{account}:policy{path}"
        if any(glob(pattern, policy) for pattern in READ_ONLY):
            return NOTHING
        if by_heart(policy) is not None:
            return KNOWN_BY_HEART[policy.rpartition("/")[2]]
        document = self._documents.get(policy)
        return document and document.replace(account, HERE)


@lru_cache(maxsize=20_000)
def judge(held: tuple[Attached, ...], boundary: Attached | None, policy_read: bool) -> Access:
    """Decide over the policies of a permission set in the account `HERE`.

    A deny in an inline policy that was not read could take everything away, so nothing is certain without it. That a
    customer managed policy of one account does is far-fetched: what the others allow stands.
    """
    parts = [(one.name, grants(one.text)) for one in held if one.text is not None]
    certain, possible, strange = _left([part for _, part in parts], boundary)
    if certain and policy_read:
        return Access(True, _names(name for name, part in parts if part.allowed & certain))
    unknown = [one.name for one in held if one.text is None]
    unknown += [] if policy_read else ["policies that were not read"]
    if certain or possible or strange:
        unknown += [] if boundary is None or boundary.text is not None else [boundary.name]
        open_to = [n for n, part in parts if (part.allowed | part.undecided) & possible or part.strange & strange]
        unknown = unknown or [f"conditions, resources or unknown actions of {name}" for name in open_to]
    return Access(None if unknown else False, (), _names(unknown))


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found)))


def _left(parts: list[Grants], boundary: Attached | None) -> tuple[int, int, frozenset[str]]:
    """Return the actions that are allowed for certain, those that are if what is open is as it may be, and strange ones."""
    allowed, undecided = union(part.allowed for part in parts), union(part.undecided for part in parts)
    denied, doubted = union(part.denied for part in parts), union(part.doubted for part in parts)
    certain, possible = allowed & ~denied & ~doubted, (allowed | undecided) & ~denied
    strange: frozenset[str] = frozenset().union(*(part.strange for part in parts))
    if boundary is None:
        return certain, possible, strange
    if boundary.text is None:
        return 0, possible, strange
    limit = grants(boundary.text)
    inside = (limit.allowed | limit.undecided) & ~limit.denied
    return (
        certain & limit.allowed & ~limit.denied & ~limit.doubted,
        possible & inside,
        strange if inside or limit.strange else frozenset(),
    )


_PLACES = """places AS (
  SELECT account_id, region, permission_set_arn, target_account_id FROM account_assignments
  UNION SELECT account_id, region, permission_set_arn, target_account_id FROM permission_set_accounts
)"""
_PLACES_SQL = (
    f"""WITH {_PLACES} SELECT account_id, region, permission_set_arn, target_account_id FROM places ORDER BY ALL"""
)
_SETS_SQL = "SELECT arn, policy_read, boundary_arn, boundary_path, boundary_read FROM permission_sets ORDER BY ALL"
_POLICIES_SQL = """
SELECT permission_set_arn, policy_arn, policy_path, policy_name FROM permission_set_policies ORDER BY ALL"""
_INLINE_SQL = "SELECT holder_arn, document FROM policy_documents WHERE kind = 'permission_set' ORDER BY ALL"
_DOCUMENTS_SQL = f"""
WITH {_PLACES},
named AS (
  SELECT permission_set_arn, policy_arn, policy_path FROM permission_set_policies
  UNION SELECT arn, boundary_arn, boundary_path FROM permission_sets
),
wanted AS (
  SELECT policy_arn AS arn FROM named WHERE policy_arn IS NOT NULL
  UNION SELECT 'arn:' || split_part(n.permission_set_arn, ':', 2) || ':iam::' || p.target_account_id || ':policy' || n.policy_path
  FROM named n JOIN places p ON p.permission_set_arn = n.permission_set_arn WHERE n.policy_path IS NOT NULL
)
SELECT d.holder_arn, min(d.document) FROM policy_documents d JOIN wanted w ON w.arn = d.holder_arn
WHERE d.kind = 'managed' AND d.document IS NOT NULL GROUP BY d.holder_arn
"""
