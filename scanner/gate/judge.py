"""The story of the gate on one screen: read, place, shape, lay over, judge twice, compare.

What is known to fail decides even where other things are not known: 1 comes before 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanner import __version__
from scanner.analysis import keeping
from scanner.config import Config
from scanner.gate import accounts, changes, cloudformation, inputs, verdict
from scanner.gate.seen import unseen
from scanner.gate.world import World
from scanner.gated import Counted, Gated
from scanner.rule import load
from scanner.snapshot.store import read_manifest

OK, FINDINGS, LOW_COVERAGE = 0, 1, 3


def gate(
    paths: Sequence[Path],
    snapshot: Path | None,
    config: Config,
    *,
    said: Iterable[str] = (),
    parameters: Iterable[str] = (),
    source: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Gated:
    """Judge what inputs change. Raises BulkheadError; GateError for an input that cannot be judged whole."""
    known = load.configured(config)
    rules = load.choose(known, config.select, config.ignore)
    said = list(said)
    given = accounts.given(said, config.gate.accounts)
    manifest: Mapping[str, Any] = read_manifest(snapshot) if snapshot else {}
    homes: dict[str, str] = {}
    with keeping(), World(snapshot, config, now(), rules, [rule.id for rule in known]) as world:
        plans = inputs.read_all(paths)
        accounts.check_files(said, plans)
        cloudformation.tell(plans, parameters)
        for plan in plans:
            for key, home in accounts.place(plan, given, world.seen.management).items():
                if home.account_id:
                    homes[key] = f"{home.account_id} ({home.source})"
        inputs.follow(plans, source)
        found = changes.gather(plans, world.with_path(plans))
        inputs.locate(found, source)
        before, after = world.judge(found)
    judged = verdict.failing(verdict.compare(before, after, found), config.fail_on)
    lost = [f"{one.label}: {one.unplaced}" for one in found.unplaced] + found.lost + found.twice + found.hidden
    lost += world.unmatched
    if snapshot:
        lost += unseen(world.seen, found)
    share = verdict.coverage(after, judged, len(lost), found)
    shortfalls = tuple(_shortfalls(lost, share, config.min_coverage, snapshot is not None))
    return Gated(
        inputs=tuple(str(path) for path in paths),
        snapshot=str(snapshot) if snapshot else None,
        snapshot_at=manifest.get("finished_at"),
        organization_id=manifest.get("organization_id"),
        counted=Counted(found.looked_at, found.understood, found.touched, dict(sorted(found.strangers.items()))),
        judged=judged,
        rules=world.rules,
        coverage=share,
        scores=(before.score, after.score),
        unread=tuple(dict.fromkeys(one.text for one in found.unread)),
        shortfalls=shortfalls,
        homes=homes,
        exit_code=FINDINGS if any(one.fails for one in judged) else LOW_COVERAGE if shortfalls else OK,
        fail_on=config.fail_on,
        tool_version=__version__,
    )


def _shortfalls(lost: Sequence[str], share: float | None, wanted: float, with_snapshot: bool) -> Iterator[str]:
    """Say why a clean result would be worth nothing. Whoever asks for no coverage at all is told nothing."""
    if wanted <= 0:
        return
    yield from lost
    if share is not None and share < wanted:
        hint = "" if with_snapshot else "; --snapshot says what is there already"
        yield f"{share:.1%} of what the rules ask of this change could be judged (wanted: {wanted:.1%}){hint}"
