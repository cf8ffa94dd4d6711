"""One planned resource, whatever it was planned with: what it is, what becomes of it, and where it lands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Deed = Literal["create", "update", "replace", "delete", "keep", "read", "forget"]
"""What happens to it. `keep`: nothing; `read`: a data source that is read while applying; `forget`: Terraform lets go of it."""

Step = tuple[str, str | int | None]
"""A module call and the key of its instance, None where it has one only."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a resource is written. `line` counts from 1, None where it is not known."""

    file: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """A `checkov:skip=` comment in the block of a resource: the check or rule it names, and the reason given."""

    check: str
    reason: str


@dataclass(eq=False, slots=True)
class Planned:
    """One resource of a plan.

    `before` and `after` are attributes by the provider's names, None where it does not exist; `unknown` mirrors `after` with
    True where a value is known after apply only. `provider` names the provider configuration. `account_id` and `region` are
    set by `accounts.place`; None is not known, and `unplaced` says why and which option settles it.
    """

    address: str
    type: str
    name: str
    deed: Deed
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    unknown: Any
    location: Location
    module: tuple[Step, ...] = ()
    index: str | int | None = None
    is_data: bool = False
    provider: str = ""
    account_id: str | None = None
    region: str | None = None
    partition: str = "aws"
    unplaced: str = ""
    skips: tuple[Skip, ...] = ()
    label: str = field(default="")
    """The address, with the name of the plan before it where two plans have the same."""
    with_path: Mapping[str, str] = field(default_factory=dict)
    """ARNs of users, roles, groups and instance profiles that have a path, by what they would be without: attributes name them so."""
    is_part: bool = False
    """It stands in the block of another one, and is counted with that."""

    @property
    def written_as(self) -> str:
        """What its module calls it: type and name, `data.` before those of a data source."""
        return f"{'data.' if self.is_data else ''}{self.type}.{self.name}"

    @property
    def touched(self) -> bool:
        """The change does something to it."""
        return self.deed in ("create", "update", "replace", "delete")


def any_unknown(mark: Any) -> bool:
    """Whether something is known after apply only, of what `Planned.unknown` or a part of it tells."""
    if isinstance(mark, Mapping):
        return any(map(any_unknown, mark.values()))
    return any(map(any_unknown, mark)) if isinstance(mark, list) else mark is True


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that is not known before apply, or could not be made out: which, and whether whole tables hang on it."""

    address: str
    attribute: str
    why: str
    call: str
    account_id: str
    region: str
    whole: bool

    @property
    def text(self) -> str:
        return f"{self.address}: {self.attribute} {self.why}"


def shown(path: Path) -> str:
    """A path as the reader of a report finds it: from where the gate runs, where it lies below."""
    full = path.resolve()
    here = Path.cwd()
    return str(full.relative_to(here)) if full.is_relative_to(here) else str(path)
