"""Recorded responses: kept while collecting live, and read back in place of AWS.

    DIR/<account id>/<region or global>/<boto3 client name>/<boto3 method>.json

A file holds one response with its pages merged, or a list of `{"request": ..., "response": ...}` where the call takes
arguments. An error is kept as botocore's error response, `{"Error": {"Code": ..., "Message": ...}}`, beside whatever pages
came before it. What the AWS CLI prints is accepted as it is. A missing file is a gap (`not_recorded`).
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from scanner.aws.outcomes import from_response
from scanner.collect.api import Call, Place, ReadError, Response
from scanner.collect.estate import Caller, Estate, Sent
from scanner.errors import OutputError, RecordingError

_ACCOUNT = re.compile(r"\d{12}")
PAGING = frozenset(
    {"MaxResults", "MaxItems", "MaxRecords", "MaxKeys", "Limit", "NextToken", "Marker", "PageSize", "NextPageToken"}
)
"""Request members that do not change what is asked."""
MOMENTS = frozenset({"TimePeriod", "StartTime", "EndTime"})
"""Request members that hang on the day of the scan: what was recorded answers whenever it is read back."""
NARROWING = frozenset(
    {
        "OwnerIds",
        "Owners",
        "Filter",
        "Filters",
        "SnapshotType",
        "resourceOwner",
        "ByVaultType",
        "InstanceArn",
        "IdentityStoreId",
        "ShowCacheNodeInfo",
        "ShowDetail",
    }
)
"""Request members that only narrow a listing or ask for its details: a lone response without its request is taken as the answer."""
TOKENS = re.compile(r"(?i)^(next_?(page)?_?token|next_?marker|marker|is_?truncated|lastevaluated\w+|responsemetadata)$")


class Replay:
    """An estate that answers from a directory."""

    def __init__(self, root: Path):
        if not root.is_dir():
            raise RecordingError(f"{root} is not a directory; --recorded wants DIR/<account id>/<region>/...")
        self._root = root
        folders = [path.name for path in root.iterdir() if path.is_dir() and _ACCOUNT.fullmatch(path.name)]
        self._accounts = tuple(sorted(folders))
        if not self._accounts:
            raise RecordingError(f"{root} holds no recording: no folder in it is named by an account id")

    def caller(self) -> Caller:
        """The management account where it was recorded, else whoever recorded the organization, else the first."""
        recorded = [name for name in self._accounts if self._organization(name) is not None]
        managing = [name for name in recorded if self._organization(name) == name]
        return Caller((managing or recorded or list(self._accounts))[0], "aws")

    def _organization(self, account: str) -> str | None:
        content = self._load(self._root / account / "global" / "organizations" / "describe_organization.json")
        if not isinstance(content, dict):
            return None
        return str((content.get("Organization") or {}).get("MasterAccountId", ""))

    def enter(self, account_id: str) -> None:
        if account_id not in self._accounts:
            raise ReadError("not_recorded", f"the recording has no folder {account_id}")

    def leave(self, account_id: str) -> Iterable[Sent]:
        self._load.cache_clear()
        return ()

    def finish(self) -> Iterable[Sent]:
        return ()

    def unit_done(self, account_id: str) -> None:
        return None

    def accounts(self) -> tuple[str, ...]:
        return self._accounts

    def regions(self, account_id: str) -> tuple[str, ...]:
        """Every Region that any account has a folder for: what is missing in one account is a gap there.

        Without any, one place named `*` stands for all Regions, so that the gap is written once.
        """
        names = {path.name for account in self._accounts for path in (self._root / account).iterdir() if path.is_dir()}
        return tuple(sorted(names - {"global"})) or ("*",)

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        path = self._root / place.account_id / place.region / call.client / f"{call.method}.json"
        content = self._load(path)
        if content is None:
            raise ReadError("not_recorded", "not in the recording")
        response = _matching(content, params)
        if response is None:
            raise ReadError("not_recorded", "the recording has no answer to one of the requests")
        if response.keys() - {"Error", "ResponseMetadata"} or "Error" not in response:
            yield response
        if "Error" in response:
            raise from_response(response, place.region)

    @lru_cache(maxsize=64)  # noqa: B019 - one Replay lives as long as the process
    def _load(self, path: Path) -> Any:
        try:
            return json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            raise RecordingError(f"cannot read {path}: {error}") from error


def _matching(content: Any, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if isinstance(content, dict):
        return content if params.keys() <= NARROWING | PAGING | MOMENTS else None
    wanted = _normal(params)
    for entry in content:
        if _normal(entry.get("request", {})) == wanted:
            response: Mapping[str, Any] = entry["response"]
            return response
    return None


def _normal(value: Any) -> Any:
    """A request without its paging and its time, lists in any order."""
    if isinstance(value, Mapping):
        return {key: _normal(inner) for key, inner in value.items() if key not in PAGING | MOMENTS}
    if isinstance(value, list | tuple):
        return sorted((_normal(inner) for inner in value), key=repr)
    return value


class Recorder:
    """An estate that passes everything through to another one and keeps what it answered."""

    def __init__(self, inner: Estate, root: Path):
        self._inner = inner
        self._root = root
        self._lock = threading.Lock()
        self._kept: dict[str, dict[Path, list[dict[str, Any]]]] = {}
        _make(root)

    def caller(self) -> Caller:
        return self._inner.caller()

    def enter(self, account_id: str) -> None:
        self._inner.enter(account_id)

    def accounts(self) -> tuple[str, ...]:
        return self._inner.accounts()

    def regions(self, account_id: str) -> tuple[str, ...]:
        return self._inner.regions(account_id)

    def leave(self, account_id: str) -> Iterable[Sent]:
        self.unit_done(account_id)
        return self._inner.leave(account_id)

    def finish(self) -> Iterable[Sent]:
        return self._inner.finish()

    def pages(self, place: Place, call: Call, params: Mapping[str, Any]) -> Iterator[Response]:
        merged: dict[str, Any] = {}
        try:
            for page in self._inner.pages(place, call, params):
                _merge(merged, page)
                yield page
        except ReadError as error:
            code = error.code or error.status
            merged["Error"] = {"Code": code, "Message": error.reason.removeprefix(f"{code}: ")}
            raise
        finally:
            self._keep(place, call, params, merged)

    def _keep(self, place: Place, call: Call, params: Mapping[str, Any], response: dict[str, Any]) -> None:
        path = self._root / place.account_id / place.region / call.client / f"{call.method}.json"
        entry = {"request": dict(params), "response": _without(response, call.hides)}
        with self._lock:
            self._kept.setdefault(place.account_id, {}).setdefault(path, []).append(entry)

    def unit_done(self, account_id: str) -> None:
        with self._lock:
            for path, entries in self._kept.pop(account_id, {}).items():
                _write(path, entries)


def _without(value: Any, hidden: tuple[str, ...]) -> Any:
    """What AWS answered, without some members at any depth."""
    if isinstance(value, Mapping):
        return {key: _without(inner, hidden) for key, inner in value.items() if key not in hidden}
    if isinstance(value, list) and hidden:
        return [_without(inner, hidden) for inner in value]
    return value


def _merge(merged: dict[str, Any], page: Response) -> None:
    for key, value in page.items():
        if TOKENS.match(key):
            continue
        if isinstance(value, list):
            merged.setdefault(key, []).extend(value)
        else:
            merged[key] = value


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write or extend one file; an answer that is already there (a unit read again) is replaced."""
    try:
        _make(path.parent)
        if path.exists():
            known = json.loads(path.read_bytes())
            entries = [*(known if isinstance(known, list) else [{"request": {}, "response": known}]), *entries]
        latest = {json.dumps(_normal(entry["request"]), default=str): entry for entry in entries}
        kept = list(latest.values())
        content: Any = kept[0]["response"] if len(kept) == 1 and not kept[0]["request"] else kept
        scratch = path.with_suffix(".tmp")
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file, indent=1, default=_as_text)
        scratch.rename(path)
    except OSError as error:
        raise OutputError(f"cannot write the recording {path}: {error.strerror}") from error


def _make(folder: Path) -> None:
    try:
        for one in (*reversed(folder.parents), folder):  # `parents=True` would leave those above to the umask
            one.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutputError(f"cannot write the recording {folder}: {error.strerror}") from error


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
