"""What holds for every organization: a gap decides nothing, less protection never helps, and the order of rows never matters."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.analysis.recovery import Recovery
from tests.analysis.recovery.world import (
    HERE,
    HOME_VAULT,
    KEEPER,
    KEEPER_KEY,
    OTHER,
    OTHER_KEY,
    SHOP,
    SHOP_KEY,
    TABLE,
    VAULT,
    Holding,
    Rows,
    SaidRadius,
    connected,
    gap,
    key,
    organization,
    point,
    vault,
    with_rows,
)

ORDER = ("dies", "unknown", "survives")
GAPS = {
    "recovery points": ("recovery_points", gap("backup.list_recovery_points_by_backup_vault", KEEPER, "backup")),
    "keys": ("kms_keys", gap("kms.list_keys", KEEPER, "kms")),
}
ACTIONS = ("backup:*", "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DeleteBackupVaultLockConfiguration",
           "backup:PutBackupVaultAccessPolicy", "kms:ScheduleKeyDeletion", "rds:*")  # fmt: skip
VERDICTS = ("deny", "unknown", "conditional", "allow")

copies = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.sampled_from([SHOP, KEEPER]),
            "status": st.sampled_from(["COMPLETED", "AVAILABLE", "PARTIAL", None]),
            "kms_key_arn": st.sampled_from(
                [None, KEEPER_KEY, SHOP_KEY, OTHER_KEY, f"arn:aws:kms:{HERE}:{KEEPER}:key/unlisted"]
            ),
        }
    ),
    min_size=1,
    max_size=4,
)
locks = st.sampled_from(
    [
        {"locked": False},
        {"locked": True},
        {"locked": True, "lock_date": "2024-01-01T00:00:00"},
        {"locked": True, "lock_date": "2026-01-01T00:00:00"},
        {"locked": None},
    ]
)
holdings = st.builds(
    Holding,
    verdict=st.sampled_from(VERDICTS[1:]),
    administers=st.sampled_from([True, False, None]),
    may=st.dictionaries(st.sampled_from(ACTIONS), st.sampled_from(VERDICTS), max_size=3),
)
quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def rows_of(made: list[dict[str, Any]], lock: dict[str, Any], state: str = "Enabled") -> Rows:
    base = organization()
    base["backup_vaults"] = [vault(KEEPER, VAULT, KEEPER_KEY, **lock), vault(SHOP, HOME_VAULT, SHOP_KEY)]
    base["kms_keys"] = [key(KEEPER_KEY, state), key(SHOP_KEY), key(OTHER_KEY)]
    points = [
        point(TABLE, number, **one, vault_arn=VAULT if one["account_id"] == KEEPER else HOME_VAULT)
        for number, one in enumerate(made, 1)
    ]
    return with_rows(base, {"recovery_points": points})


def judged(rows: Rows, pairs: dict[tuple[str, str], Holding], lost: str = SHOP) -> dict[str, str]:
    recovery = Recovery(connected(rows), SaidRadius(pairs))
    return {copy.arn: fate.fate for copy, fate in recovery.survivors(TABLE, lost)}


@quick
@given(copies, locks, holdings)
def test_widening_the_radius_never_improves_a_fate(made: list[Any], lock: Any, held: Holding) -> None:
    rows = rows_of(made, lock)
    before, after = judged(rows, {}), judged(rows, {(SHOP, KEEPER): held})
    wider = judged(rows, {(SHOP, KEEPER): Holding(administers=True, may={"*": "allow"})})
    for arn, found in before.items():
        assert ORDER.index(after[arn]) <= ORDER.index(found)
        assert ORDER.index(wider[arn]) <= ORDER.index(after[arn])


@quick
@given(copies, locks, holdings, st.integers(0, 3))
def test_taking_a_copy_away_never_improves_a_fate(made: list[Any], lock: Any, held: Holding, which: int) -> None:
    rows = rows_of(made, lock)
    before = judged(rows, {(SHOP, KEEPER): held})
    rows["recovery_points"].pop(which % len(made))
    after = judged(rows, {(SHOP, KEEPER): held})
    assert after == {arn: before[arn] for arn in after}
    assert best(after) <= best(before)


def best(found: dict[str, str]) -> int:
    return max((ORDER.index(fate) for fate in found.values()), default=0)


@quick
@given(copies, locks, holdings, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(made: list[Any], lock: Any, held: Holding, random_: random.Random) -> None:
    rows = rows_of(made, lock)
    before = judged(rows, {(SHOP, KEEPER): held})
    for table in rows:
        random_.shuffle(rows[table])
    assert judged(rows, {(SHOP, KEEPER): held}) == before


@quick
@given(copies, locks, holdings, st.sampled_from(sorted(GAPS)))
def test_a_gap_decides_nothing(made: list[Any], lock: Any, held: Holding, which: str) -> None:
    """What a copy's fate hung on and was not read leaves it open; it never turns survives into dies or the other way round."""
    rows = rows_of(made, lock, "PendingDeletion")
    before = judged(rows, {(SHOP, KEEPER): held})
    table, row = GAPS[which]
    rows[table] = [one for one in rows[table] if one["account_id"] != KEEPER]
    after = judged(with_rows(rows, {"coverage": [row]}), {(SHOP, KEEPER): held})
    for arn, found in after.items():
        assert found in (before[arn], "unknown")


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", None])
def test_a_worse_key_never_improves_a_fate(state: str | None) -> None:
    made = [{"account_id": KEEPER, "status": "COMPLETED", "kms_key_arn": KEEPER_KEY}]
    good, bad = (judged(rows_of(made, {"locked": False}, one), {}) for one in ("Enabled", state))
    assert [ORDER.index(bad[arn]) < ORDER.index(good[arn]) for arn in good] == [True]


def test_losing_the_keeper_too_leaves_nothing() -> None:
    made = [{"account_id": KEEPER, "status": "COMPLETED", "kms_key_arn": None}]
    assert set(judged(rows_of(made, {"locked": True, "lock_date": "2024-01-01T00:00:00"}), {}, KEEPER).values()) == {
        "dies"
    }
    assert set(judged(rows_of(made, {"locked": False}), {}, OTHER).values()) == {"survives"}
