"""The attributes of one planned resource on one side of the change, read so that nothing unknown passes for something known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from scanner.gate.hcl.functions import Opaque, stands_alone
from scanner.gate.hcl.lost import Lost
from scanner.gate.identity import identity
from scanner.gate.planned import Planned, Unread, any_unknown
from scanner.gate.references import References
from scanner.policy import parse

Side = Literal["before", "after"]
AFTER_APPLY = "is known after apply only"
DEFAULT_GROUP = "(the default group of the VPC)"
"""Stands for it until the VPC is known."""
UNKNOWN_KEY = "(a key known after apply)"
_MISSING = object()


class Values:
    """Attributes of a resource, or of one of its nested blocks.

    Whatever is asked for and not known is noted in `unread` and returned as None. With `whole`, the tables that `call` fills
    are not whole then: what hangs on their being whole is not evaluated.
    """

    def __init__(
        self,
        resource: Planned,
        side: Side,
        references: References | None,
        call: str,
        unread: list[Unread],
        data: Mapping[str, Any] | None = None,
        unknown: Any = _MISSING,
        path: tuple[str | int, ...] = (),
    ):
        self.resource = resource
        self.side = side
        self.call = call
        self._references = references
        self._unread = unread
        self._data: Mapping[str, Any] = (getattr(resource, side) or {}) if data is None else data
        marks = (resource.unknown if side == "after" else None) if unknown is _MISSING else unknown
        self._unknown = marks
        self._path = path

    # ------------------------------------------------------------------ what it is called

    @property
    def id(self) -> str:
        return identity(self.resource, before=self.side == "before")

    @property
    def arn(self) -> str:
        return identity(self.resource, "arn", before=self.side == "before")

    @property
    def account(self) -> str:
        return self.resource.account_id or ""

    @property
    def region(self) -> str:
        return self.resource.region or ""

    @property
    def gone(self) -> bool:
        """The change takes the resource away, and this is what it was."""
        return self.resource.after is None

    @property
    def is_new(self) -> bool:
        """Nothing is there yet of what this describes: it is made, or made anew and lost what it had."""
        return self.resource.before is None or (self.side == "after" and self.resource.deed == "replace")

    def other(self, attribute: str) -> str:
        """The id of something that AWS makes along with the resource, such as the main route table of a VPC."""
        return identity(self.resource, attribute, before=self.side == "before")

    def arn_of(self, service: str, rest: str, region: str | None = None) -> str:
        where = self.region if region is None else region
        return f"arn:{self.resource.partition}:{service}:{where}:{self.account}:{rest}"

    def principal(self, kind: str, name: str) -> str:
        """The ARN of a user, role, group or instance profile of this account that is named without its path."""
        plain = self.arn_of("iam", f"{kind}/{name}", region="")
        return self.resource.with_path.get(plain, plain)

    def read_by(self, call: str) -> Values:
        """The same resource, of which another call reads a part: what is not known leaves the answer of that one incomplete."""
        return Values(self.resource, self.side, self._references, call, self._unread)

    # ------------------------------------------------------------------ plain values

    def names(self) -> list[str]:
        """The names of what is set, or will be."""
        marks = self._unknown if isinstance(self._unknown, Mapping) else {}
        return sorted({*self._data, *marks})

    def is_known(self, name: str) -> bool:
        return not any_unknown(self._mark(name))

    def is_unknown(self, name: str) -> bool:
        """Nothing of it is known, not even which members it has."""
        return self._mark(name) is True

    def is_configured(self, name: str) -> bool:
        """The configuration sets it; else it is left to the provider."""
        return self._configured(name)

    def has(self, name: str) -> bool:
        """It is set to something, or will be."""
        return not self.is_known(name) or self._data.get(name) not in (None, "", [], {})

    def given(self, name: str) -> bool:
        """The configuration sets it to something. What other resources say, or AWS, the provider repeats without."""
        return self._configured(name) and self.has(name)

    def set(self, name: str) -> bool:
        """The configuration sets it, or it is known without: what the provider fills in by itself is neither."""
        return self._configured(name) if not self.is_known(name) else self._data.get(name) not in (None, "")

    def get(self, name: str, default: Any = None, *, whole: bool = False) -> Any:
        """Return a value; `default` where it is not set. None, and noted, where it is known after apply only.

        What the configuration leaves to the provider is not set.
        """
        if self.is_known(name):
            value = self._data.get(name)
            return default if value is None or value == "" else value
        if not self._configured(name):
            return default
        written = self.written(name)
        if isinstance(written, str | bool | int | float):
            return written
        self.note(name, whole=whole)
        return None

    def text(self, name: str, default: str | None = None, *, whole: bool = False) -> str | None:
        value = self.get(name, default, whole=whole)
        return None if value is None else str(value)

    def texts(self, name: str, *, whole: bool = False) -> list[str] | None:
        value = self.get(name, [], whole=whole)
        return None if value is None else [str(one) for one in value if one is not None]

    def policy(self, name: str) -> Any:
        """Return a policy document as text, put together from a data source where that is what it comes from; None if unknown.

        A text that is no policy document was misread, or AWS will refuse it: not known what it grants.
        """
        if self.is_known(name):
            text = self._data.get(name) or None
            if text is not None and parse(text) is None:
                self.note(name, "is no policy document")
                return None
            return text
        from scanner.gate.documents import document, whole

        found = self._targets(name)
        if found and len(found) == 1 and found[0].resource.type == "aws_iam_policy_document":
            made = document(found[0].resource, self._references)
            if made is not None:
                return made
        written = whole(self.written(name))
        if written is None:
            self.note(name)
        return written

    def written(self, name: str, *, opaque: bool = False) -> Any:
        """Return what the `.tf` files say that a value will be, where that is certain; else None.

        In it, ids and ARNs that AWS has not drawn yet are those by which resources go here.
        """
        if self._references is None or self.side == "before":
            return None
        try:
            found = self._references.written(self.resource, (*self._path, name))
        except Lost:
            return None
        return None if isinstance(found, Opaque) and not opaque else found

    # ------------------------------------------------------------------ what it names

    def ref(self, name: str, *, whole: bool = True) -> str | None:
        """Return the id or ARN of what an attribute names, made out through the configuration where it is not known yet."""
        if self.is_known(name):
            value = self._data.get(name)
            return None if value in (None, "") else str(value)
        written = self.written(name)
        if isinstance(written, str) and not stands_alone(written):
            self.note(name, whole=whole)
            return None  # the name of another one, which goes by its own
        if isinstance(written, str) and written:
            return str(written)
        found = self._targets(name)
        if found and len(found) == 1:
            return identity(found[0].resource, found[0].attribute)
        if found is None and not self._configured(name):
            return None
        self.note(name, whole=whole)
        return None

    def key(self, name: str) -> str | None:
        """Return the KMS key an attribute names. One that is set and not known is a name nobody owns: whose it is cannot be told."""
        found = self.ref(name, whole=False)
        return UNKNOWN_KEY if found is None and not self.is_known(name) and self._configured(name) else found

    def sealed(self, encrypted: bool | None, name: str) -> dict[str, Any]:
        """Whether a copy is encrypted, and with what key. One of which that is not known yet may need any key."""
        key = self.key(name)
        said = True if encrypted is None and key is not None else encrypted
        return {"encrypted": said, "kms_key_arn": UNKNOWN_KEY if key is None and said is None else key}

    def target(self, name: str) -> Planned | None:
        """Return the planned resource that an attribute names, where it is one of this plan and that can be told."""
        found = self._targets(name)
        return found[0].resource if found and len(found) == 1 else None

    def first(self, name: str) -> Planned | None:
        """Return the first of the planned resources that a list names."""
        found = self._targets(name)
        return found[0].resource if found else None

    def of(self, other: Planned) -> Values:
        """Another resource of the plan, read for this one."""
        return Values(other, self.side, self._references, self.call, self._unread)

    def refs(self, name: str, *, whole: bool = True) -> list[str] | None:
        """Return ids or ARNs of all that a list names; None, and noted, when one of them cannot be made out."""
        value, mark = self._data.get(name), self._mark(name)
        if not any_unknown(mark):
            return [str(one) for one in value or () if one not in (None, "")]
        written = self.written(name)
        if isinstance(written, list) and any(isinstance(one, str) and not stands_alone(one) for one in written):
            self.note(name, whole=whole)
            return None
        if isinstance(written, list) and all(isinstance(one, str) and not isinstance(one, Opaque) for one in written):
            return [str(one) for one in dict.fromkeys(written) if one]
        found = self._targets(name)
        if found is None:
            if not self._configured(name):
                return []
            self.note(name, whole=whole)
            return None
        known = [str(one) for one in value or () if one not in (None, "")] if isinstance(value, list) else []
        missing = sum(1 for one in mark if one is True) if isinstance(mark, list) else None
        named = [identity(one.resource, one.attribute) for one in found]
        new = [one for one in dict.fromkeys(named) if one not in known]
        if missing is not None and len(new) != missing:
            self.note(name, whole=whole)
            return None
        return [*known, *new]

    def groups(self, name: str, *, told: bool = True) -> list[str] | None:
        """Return the security groups of something in a VPC; where a new one names none, it gets the default one.

        AWS has `told` afterwards that it has that one; where it never does, to name none means the same later.

        https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
        """
        found = self.refs(name)
        return [DEFAULT_GROUP] if found == [] and (self.is_new or not told) else found

    def blocks(self, name: str, *, whole: bool = True) -> list[Values] | None:
        """Return the nested blocks of a name; None, and noted, when it is not known how many there are."""
        mark, value = self._mark(name), self._data.get(name)
        if mark is True:
            if not self._configured(name):
                return []
            self.note(name, whole=whole)
            return None
        listed = [value] if isinstance(value, Mapping) else list(value or ())
        marks = [mark] if isinstance(mark, Mapping) else list(mark or ())
        marks += [None] * (len(listed) - len(marks))
        return [
            Values(
                self.resource, self.side, self._references, self.call, self._unread, one, mark, (*self._path, name, n)
            )
            for n, (one, mark) in enumerate(zip(listed, marks, strict=False))
            if isinstance(one, Mapping)
        ]

    def block(self, name: str) -> Values | None:
        """Return the one nested block of a name, None where there is none (or it is not known, which is noted)."""
        found = self.blocks(name)
        return found[0] if found else None

    # ------------------------------------------------------------------

    def note(self, attribute: str, why: str = AFTER_APPLY, *, whole: bool = False) -> None:
        """Remember that something could not be read."""
        resource = self.resource
        if why == AFTER_APPLY and self._references is not None and self.side == "after":
            why = self._references.why(resource, (*self._path, attribute)) or why
        path = ".".join(str(part) for part in (*self._path, attribute) if isinstance(part, str))
        self._unread.append(Unread(resource.label, path, why, self.call, self.account, self.region or "global", whole))

    def _mark(self, name: str) -> Any:
        if self._unknown is True:
            return True
        return self._unknown.get(name) if isinstance(self._unknown, Mapping) else None

    def _configured(self, name: str) -> bool:
        if self._references is None:
            return True
        first = str(self._path[0]) if self._path else name
        return self._references.configured(self.resource, first)

    def _targets(self, name: str) -> Any:
        if self._references is None or self.side == "before":
            return None
        return self._references.targets(self.resource, (*self._path, name), self._data if self._path else None)


def rows_of(blocks: Iterable[Values] | None) -> Iterator[Values]:
    """The blocks, none where they are not known (which was noted)."""
    yield from blocks or ()
