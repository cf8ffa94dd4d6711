"""Users, groups and roles with their policies, read from the snapshot account by account, when a question needs them.

An organization may have a million roles: nothing is read that was not asked for, equal documents are parsed once, and only
the accounts asked for last are kept.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.analysis.policies import Document, Statement, by_heart, parse
from scanner.analysis.trust.gaps import DETAILS, Gap, iam_gaps, provider_gaps
from scanner.analysis.trust.organization import Held

KEPT_ACCOUNTS = 2_000
CHUNK = 200


@dataclass(slots=True)
class Holder:
    """A user, group or role. `tags` have their keys in lower case; `trust` is None for what has no trust policy."""

    arn: str
    kind: str
    name: str
    account: str
    unique_id: str | None
    boundary: str | None
    service_linked: bool
    tags: dict[str, str] = field(default_factory=dict)
    trust: Document | None = None
    inline: list[tuple[str, Document | None]] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    @property
    def short(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def protected(self) -> bool:
        """Whether only AWS may change it: roles of services and of IAM Identity Center
        (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html)."""
        return self.service_linked or ":role/aws-reserved/" in self.arn

    @property
    def tags_sessions(self) -> bool | None:
        """Whether the trust policy lets somebody tag sessions of this role; None when it was not read."""
        if self.kind != "role":
            return False
        return None if self.trust is None else any(_tags_sessions(one) for one in self.trust.statements)


@dataclass(slots=True)
class AccountIam:
    """IAM of one account. `gap` is set when it was not read, or not all of it."""

    account: str
    gap: Gap | None
    holders: dict[str, Holder] = field(default_factory=dict)
    by_name: dict[tuple[str, str], Holder] = field(default_factory=dict)
    managed: dict[str, Document] = field(default_factory=dict)
    rest: dict[str, Holder] | None = field(default_factory=dict)
    """Those who were not asked for at first; None as long as they were not read."""

    def callers(self) -> Iterator[Holder]:
        return (holder for holder in self.holders.values() if holder.kind != "group")

    def role_named(self, name: str) -> Holder | None:
        return self.by_name.get(("role", name))

    def group(self, name: str) -> Holder | None:
        return self.by_name.get(("group", name))


class Inventory:
    """IAM of every account of a snapshot, lazily."""

    def __init__(self, connection: Any):
        self._connection = connection
        self._kept = KEPT_ACCOUNTS
        self._gaps = iam_gaps(connection)
        self._provider_gaps = provider_gaps(connection)
        self._read = {row[0] for row in connection.execute(_READ_SQL, [DETAILS]).fetchall()}
        self._accounts: OrderedDict[str, AccountIam] = OrderedDict()
        self._of_aws: dict[str, Document | None] = {}
        self._providers: dict[str, set[str]] = defaultdict(set)
        for account, arn in connection.execute("SELECT account_id, arn FROM identity_providers").fetchall():
            self._providers[account].add(arn)

    def readable(self) -> list[str]:
        """Accounts of which some user or role is known."""
        return sorted(self._read)

    def account(self, account: str) -> AccountIam:
        """Return the IAM of one account; empty with a gap when it was not read."""
        found = self._accounts.get(account)
        if found is None:
            self._load([account])
            found = self._accounts[account]
        self._accounts.move_to_end(account)
        return found

    def each(self, accounts: Iterable[str]) -> Iterator[AccountIam]:
        """Yield many accounts, a few hundred per query."""
        wanted = list(accounts)
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            self._load([account for account in chunk if account not in self._accounts])
            yield from [self._accounts[account] for account in chunk]

    def keep(self, accounts: Iterable[str], needed: str, carried: str) -> None:
        """Read the principals of many accounts that the table `needed` lists (`account_id`, `arn`), with the managed policies of the
        table `carried`, and keep them. The others are read when `rest` or `find` is asked for them."""
        wanted = list(accounts)
        self._kept = max(self._kept, len(wanted))
        for start in range(0, len(wanted), KEPT_ACCOUNTS):
            self._load(wanted[start : start + KEPT_ACCOUNTS], (needed, carried))

    def know(self, documents: Mapping[str, str]) -> None:
        """Take documents of AWS-managed policies, by ARN, to be the same in every account."""
        self._of_aws.update((arn, parse(text)) for arn, text in documents.items())

    def rest(self, account: str) -> dict[str, Holder]:
        """The principals of an account that were not read at first."""
        home = self.account(account)
        if home.rest is None:
            whole = self._read_in([account])[account]
            home.rest = {arn: holder for arn, holder in whole.holders.items() if arn not in home.holders}
            home.managed = whole.managed
        return home.rest

    def find(self, arn: str, account: str) -> Holder | None:
        home = self.account(account)
        found = home.holders.get(arn)
        return found if found is not None or (home.rest is not None and not home.rest) else self.rest(account).get(arn)

    def named(self, name: str, kinds: tuple[str, ...]) -> list[str]:
        """Return ARNs of what carries a name or unique id."""
        rows = self._connection.execute(_NAMED_SQL, [list(kinds), name, name]).fetchall()
        return [row[0] for row in rows]

    def trusting(self, account: str | None) -> list[str]:
        """Return ARNs of roles whose trust policy names an account or something in it; with None, `*`."""
        if account is None:
            rows = self._connection.execute(_TRUSTING_SQL.format("p.type = '*'")).fetchall()
        else:
            rows = self._connection.execute(_TRUSTING_SQL.format("p.principal_account = ?"), [account]).fetchall()
        return [row[0] for row in rows]

    def provider_gone(self, arn: str) -> bool | Gap:
        """Whether an identity provider does not exist any more; the gap when its account's providers were not read."""
        account = arn.split(":")[4] if arn.startswith("arn:") else ""
        if arn in self._providers.get(account, ()):
            return False
        return self._provider_gaps.get(account) or account in self._read

    # ------------------------------------------------------------------ policies of one principal

    def identity_policies(self, holder: Holder) -> list[Held]:
        """Inline and managed policies of a user or role, those of its groups included."""
        home = self.account(holder.account)
        held = list(self._own(holder, home))
        for name in holder.groups:
            group = home.group(name)
            if group is None:
                held.append(Held(f"policies of group {name}", None, f"{DETAILS} of account {home.account}"))
            else:
                held += self._own(group, home)
        if home.gap:
            held.append(Held(f"further policies of {holder.short}", None, f"{home.gap.text} of account {home.account}"))
        return held

    def boundary(self, holder: Holder) -> Held | None:
        """The permissions boundary; None without one."""
        if holder.boundary is None:
            return None
        return self._managed(holder.boundary, self.account(holder.account), f"permissions boundary of {holder.short}")

    def _own(self, holder: Holder, home: AccountIam) -> Iterator[Held]:
        for name, document in holder.inline:
            yield Held(f"inline policy {name} of {holder.short}", document, f"{DETAILS} of account {home.account}")
        for arn in holder.attached:
            yield self._managed(arn, home, f"managed policy {arn.rsplit('/', 1)[-1]} of {holder.short}")

    def _managed(self, arn: str, home: AccountIam, label: str) -> Held:
        found = home.managed.get(arn)
        document = found or (self._from_aws(arn) if ":iam::aws:" in arn else None)
        return Held(label, document, f"{DETAILS} of account {home.account}, or iam.get_policy_version of {arn}")

    def _from_aws(self, arn: str) -> Document | None:
        """An AWS-managed policy is the same in every account: any account's copy will do."""
        if arn not in self._of_aws:
            row = self._connection.execute(_DOCUMENT_SQL, [arn]).fetchone()
            self._of_aws[arn] = parse(row[0]) if row else by_heart(arn)
        return self._of_aws[arn]

    # ------------------------------------------------------------------ reading

    def _load(self, accounts: list[str], only: tuple[str, str] | None = None) -> None:
        if not accounts:
            return
        self._accounts.update(self._read_in(accounts, only))
        while len(self._accounts) > max(self._kept, 2 * len(accounts)):
            self._accounts.popitem(last=False)

    def _read_in(self, accounts: list[str], only: tuple[str, str] | None = None) -> dict[str, AccountIam]:
        """Read accounts, or of these only the principals and managed policies that two tables list."""
        loaded = {account: AccountIam(account, self.gap(account), rest=None if only else {}) for account in accounts}

        def ask(sql: str, values: list[list[str]]) -> Any:
            needed, carried = (_ONLY.format(table) for table in only) if only else ("TRUE", "TRUE")
            return self._connection.execute(sql.format(needed=needed, carried=carried), values)

        for account, arn, *rest in ask(_PRINCIPALS_SQL, [accounts]).fetchall():
            holder = Holder(arn, rest[0], rest[1], account, rest[2], rest[3], bool(rest[4]))
            loaded[account].holders[arn] = loaded[account].by_name[holder.kind, holder.name] = holder
        for account, arn, kind, name, text, readable in ask(_DOCUMENTS_SQL, [accounts]).fetchall():
            document = None if text is None else parse(text if readable else "")
            _keep(loaded[account], arn, kind, name, document)
        for account, arn, policy in ask(_ATTACHMENTS_SQL, [accounts]).fetchall():
            if arn in loaded[account].holders:
                loaded[account].holders[arn].attached.append(policy)
        for account, arn, group in ask(_MEMBERS_SQL, [accounts]).fetchall():
            if arn in loaded[account].holders:
                loaded[account].holders[arn].groups.append(group)
        for account, arn, key, value in ask(_TAGS_SQL, [accounts]).fetchall():
            if arn in loaded[account].holders:
                loaded[account].holders[arn].tags[key.lower()] = value
        return loaded

    def gap(self, account: str) -> Gap | None:
        """Why IAM of an account is not, or not all, known."""
        gap = self._gaps.get(account)
        if gap is None and account not in self._read:
            return Gap(DETAILS, "not read")
        return gap


def _tags_sessions(statement: Statement) -> bool:
    return statement.effect == "Allow" and not statement.malformed and statement.covers_action("sts:tagsession")


def _keep(home: AccountIam, arn: str, kind: str, name: str, document: Document | None) -> None:
    if kind == "managed":
        if document is not None:
            home.managed[arn] = document
    elif arn in home.holders:
        if kind == "trust":
            home.holders[arn].trust = document
        else:
            home.holders[arn].inline.append((name, document))


_READ_SQL = """
SELECT account_id FROM coverage WHERE call = ? AND status = 'collected'
UNION SELECT account_id FROM principals"""
_PRINCIPALS_SQL = """
SELECT DISTINCT account_id, arn, type, name, unique_id, boundary_arn, service_linked
FROM (SELECT *, arn AS who FROM principals) WHERE account_id IN (SELECT unnest(?)) AND {needed} ORDER BY ALL"""
_DOCUMENTS_SQL = """
SELECT DISTINCT account_id, holder_arn, kind, name, document, coalesce(readable, TRUE)
FROM (SELECT *, holder_arn AS who FROM policy_documents) WHERE account_id IN (SELECT unnest(?))
  AND (kind IN ('trust', 'inline') AND {needed} OR kind = 'managed' AND {carried}) ORDER BY ALL"""
_ATTACHMENTS_SQL = """
SELECT DISTINCT account_id, principal_arn, policy_arn
FROM (SELECT *, principal_arn AS who FROM policy_attachments) WHERE account_id IN (SELECT unnest(?)) AND {needed} ORDER BY ALL"""
_MEMBERS_SQL = """
SELECT DISTINCT account_id, user_arn, group_name FROM group_members
WHERE account_id IN (SELECT unnest(?)) ORDER BY ALL"""
_TAGS_SQL = """
SELECT DISTINCT account_id, arn, key, value
FROM (SELECT *, arn AS who FROM tags) WHERE account_id IN (SELECT unnest(?)) AND arn LIKE 'arn:%:iam::%' AND key IS NOT NULL AND {needed}
ORDER BY ALL"""
_ONLY = "(account_id, who) IN (SELECT (account_id, arn) FROM {})"
_DOCUMENT_SQL = """
SELECT document FROM policy_documents WHERE holder_arn = ? AND kind = 'managed' AND readable ORDER BY document LIMIT 1"""
_NAMED_SQL = """
SELECT DISTINCT arn FROM principals WHERE list_contains(?, type) AND (name = ? OR unique_id = ?) ORDER BY arn"""
_TRUSTING_SQL = """
SELECT DISTINCT s.holder_arn FROM policy_statements s JOIN statement_principals p USING (statement_id)
WHERE s.kind = 'trust' AND s.effect = 'Allow' AND {} ORDER BY 1"""
