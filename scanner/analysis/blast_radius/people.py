"""Which users and roles have to be looked at one by one: of a million roles, few lead anywhere.

A *leaf* is a role whose own policies lead nowhere: they speak of no privilege path and not of sts:AssumeRole, nobody's trust policy names
it, and nobody who may give permissions to others can give them to it. It is a way into its account, and may destroy what lies there, but
no edge starts at it. Documents are compared in the database, and parsed once for all that differ in the account's own number alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scanner.analysis import load
from scanner.analysis.blast_radius.estate import Estate
from scanner.analysis.blast_radius.paths import ASSUME, GROW, INTERESTING
from scanner.analysis.blast_radius.powers import powerless
from scanner.analysis.blast_radius.profiles import allowing
from scanner.analysis.policies import Document, parse
from scanner.analysis.trust.inventory import Inventory

NEEDED, CARRIED = "blast_needed", "blast_carried"
_ACTIONS = sorted(INTERESTING)
_GROWS_POLICIES = frozenset(path.covered[0] for path in GROW if path.target == "policy")
_GROWS = frozenset(path.covered[0] for path in GROW)


def choose(connection: Any, inventory: Inventory, estate: Estate) -> None:
    """Make `blast_needed`, the ARNs of all who are no leaves, and read these into the inventory."""
    ask = connection.execute
    ask(_DOCUMENTS)
    texts = ask(_TEXTS).fetchall()
    _fill(
        connection,
        "blast_masks",
        "number BIGINT, mask BIT, mighty BOOLEAN, denies BOOLEAN",
        _masks(texts),
    )
    ask(_HOLDERS)
    masks = [
        row[0] for row in ask("SELECT DISTINCT mask FROM blast_holders WHERE mask IS NOT NULL ORDER BY 1").fetchall()
    ]
    _fill(
        connection, "blast_kinds", "mask BIT, leads BOOLEAN, grows BOOLEAN, grows_policies BOOLEAN", map(_kind, masks)
    )
    gaps = ((account,) for account in estate.members if inventory.gap(account) is not None)
    _fill(connection, "blast_unread", "account_id VARCHAR", gaps)
    named = {*estate.untold, *estate.everyone, *(arn for arns in estate.trusting.values() for arn in arns)}
    _fill(connection, "blast_trusting", "arn VARCHAR", ((arn,) for arn in sorted(named)))
    for sql in (_INTIMATE, _GIVERS, _NEEDED, _OF_AWS, _CARRIED):
        ask(sql)
    idle = ask("SELECT arn FROM blast_needed GROUP BY arn HAVING bool_and(idle)").fetchall()
    estate.idle = frozenset(row[0] for row in idle)
    by_number = dict(texts)
    inventory.know({arn: by_number[number] for arn, number in ask("SELECT arn, number FROM blast_of_aws").fetchall()})
    inventory.keep(estate.members, NEEDED, CARRIED)


def _fill(connection: Any, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
    load(connection, table, list(rows))


def _masks(texts: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str, bool, bool]]:
    """Documents as the interesting actions that they allow, a bit each; whether one allows everything, and whether it denies anything."""
    for number, text in texts:
        document = parse(text)
        yield (
            number,
            _mask(allowing(document)),
            _mighty(document),
            any(one.effect != "Allow" for one in document.statements),
        )


def _mask(covered: frozenset[str]) -> str:
    return "".join("1" if action in covered else "0" for action in _ACTIONS)


def _kind(mask: str) -> tuple[str, bool, bool, bool]:
    covered = frozenset(action for action, bit in zip(_ACTIONS, mask, strict=True) if bit == "1")
    leads = ASSUME in covered or not powerless(covered)
    return mask, leads, bool(covered & (_GROWS - _GROWS_POLICIES)), bool(covered & _GROWS_POLICIES)


def _mighty(document: Document) -> bool:
    return any(
        one.effect == "Allow"
        and not one.malformed
        and not one.conditions
        and "*" in one.actions
        and not one.actions_negated
        and "*" in one.resources
        and not one.resources_negated
        for one in document.statements
    )


_OWN = "policy_documents WHERE kind IN ('inline', 'managed')"
_TEXT = "CASE WHEN coalesce(readable, TRUE) THEN document ELSE '' END"
_DOCUMENTS = f"""
CREATE OR REPLACE TEMP TABLE blast_documents AS
SELECT account_id, holder_arn, kind, CAST(hash(replace({_TEXT}, account_id, '#')) >> 1 AS BIGINT) AS number, document IS NULL AS unread FROM {_OWN}"""
_TEXTS = f"""
SELECT CAST(hash(replace({_TEXT}, account_id, '#')) >> 1 AS BIGINT), any_value({_TEXT}) FROM {_OWN} AND document IS NOT NULL GROUP BY 1 ORDER BY 1"""

# Where the document of a policy that is attached is not in the account, it is not known whom it makes what.
_HOLDERS = """
CREATE OR REPLACE TEMP TABLE blast_holders AS
WITH held AS (
  SELECT account_id, holder_arn AS arn, number, unread FROM blast_documents WHERE kind = 'inline'
  UNION ALL
  SELECT a.account_id, a.principal_arn, d.number, coalesce(d.unread, TRUE) FROM policy_attachments a
  LEFT JOIN blast_documents d ON d.account_id = a.account_id AND d.holder_arn = a.policy_arn AND d.kind = 'managed'
),
known AS (
  SELECT h.account_id, h.arn, bit_or(m.mask) AS mask, bool_or(h.unread) AS unread, bool_or(coalesce(m.mighty, FALSE)) AS mighty,
    bool_or(coalesce(m.denies, FALSE)) AS denies
  FROM held h LEFT JOIN blast_masks m ON m.number = h.number AND NOT h.unread GROUP BY h.account_id, h.arn
)
SELECT k.*, p.type, p.boundary_arn IS NOT NULL AS bounded FROM known k
JOIN (SELECT DISTINCT account_id, arn, type, boundary_arn FROM principals) p ON p.account_id = k.account_id AND p.arn = k.arn"""

# Accounts where a role trusts somebody of its own account by name: those need no permission of their own.
_INTIMATE = """
CREATE OR REPLACE TEMP TABLE blast_intimate AS
SELECT DISTINCT s.account_id FROM policy_statements s JOIN statement_principals p ON p.statement_id = s.statement_id
WHERE s.kind = 'trust' AND s.effect = 'Allow'
  AND (p.type = '*' OR p.principal_account = s.account_id AND NOT coalesce(p.whole_account, FALSE))"""

# Who may give permissions to others, those left aside who have everything anyway; a policy is only given to those who carry it.
_GIVERS = """
CREATE OR REPLACE TEMP TABLE blast_givers AS
WITH odd AS (
  SELECT account_id FROM principals WHERE type = 'user' AND boundary_arn IS NOT NULL
  UNION SELECT account_id FROM blast_holders WHERE type <> 'role' AND denies
),
bound AS (SELECT DISTINCT account_id FROM principals WHERE boundary_arn IS NOT NULL)
SELECT h.account_id, bool_or(h.unread OR k.grows OR b.account_id IS NOT NULL) AS to_all
FROM blast_holders h LEFT JOIN blast_kinds k ON k.mask = h.mask LEFT JOIN odd o ON o.account_id = h.account_id
LEFT JOIN bound b ON b.account_id = h.account_id
WHERE (h.unread OR k.grows OR k.grows_policies)
  AND NOT (h.mighty AND NOT h.unread AND NOT h.denies AND NOT h.bounded AND (h.type = 'role' OR o.account_id IS NULL))
GROUP BY h.account_id"""
_NEEDED = """
CREATE OR REPLACE TEMP TABLE blast_needed AS
WITH carriers AS (SELECT DISTINCT principal_arn AS arn FROM policy_attachments WHERE policy_arn NOT LIKE '%:iam::aws:%')
SELECT DISTINCT p.account_id, p.arn,
  p.type = 'role' AND NOT coalesce(h.unread OR k.leads, FALSE) AND i.account_id IS NULL AND u.account_id IS NULL AS idle
FROM principals p
LEFT JOIN blast_intimate i ON i.account_id = p.account_id
LEFT JOIN blast_unread u ON u.account_id = p.account_id
LEFT JOIN blast_holders h ON h.account_id = p.account_id AND h.arn = p.arn
LEFT JOIN blast_kinds k ON k.mask = h.mask
LEFT JOIN blast_givers g ON g.account_id = p.account_id
WHERE p.type <> 'role'
  OR p.arn IN (SELECT arn FROM blast_trusting)
  OR NOT coalesce(p.service_linked, FALSE) AND (
    h.unread OR k.leads OR g.to_all OR (g.account_id IS NOT NULL AND p.arn IN (SELECT arn FROM carriers))
    OR i.account_id IS NOT NULL)
  OR u.account_id IS NOT NULL"""

# Policies of AWS are the same everywhere, but for accounts that were read at different times.
_OF_AWS = """
CREATE OR REPLACE TEMP TABLE blast_of_aws AS
SELECT holder_arn AS arn, min(number) AS number FROM blast_documents WHERE holder_arn LIKE '%:iam::aws:%'
GROUP BY holder_arn HAVING min(number) = max(number) AND NOT bool_or(unread)"""
_CARRIED = """
CREATE OR REPLACE TEMP TABLE blast_carried AS
SELECT account_id, arn FROM (
  SELECT a.account_id, a.policy_arn AS arn FROM policy_attachments a JOIN blast_needed n ON n.account_id = a.account_id AND n.arn = a.principal_arn
  UNION SELECT p.account_id, p.boundary_arn FROM principals p JOIN blast_needed n ON n.account_id = p.account_id AND n.arn = p.arn
) WHERE arn IS NOT NULL AND arn NOT IN (SELECT arn FROM blast_of_aws)"""
