"""Every built-in rule decides its own examples."""

from __future__ import annotations

import pytest

from scanner import vocabulary
from scanner.config import Config
from scanner.rule import examples, load

RULES = load.load([load.BUILT_IN])


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[examples.Outcome]]:
    found: dict[str, list[examples.Outcome]] = {}
    for one in examples.run(RULES, vocabulary.load(), Config()):
        found.setdefault(one.rule_id, []).append(one)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_decides_its_examples(rule: load.Rule, outcomes: dict[str, list[examples.Outcome]]) -> None:
    assert [f"{one.where}: {one.because}: {one.got}" for one in outcomes[rule.id] if not one.ok] == []
    assert {one.expected for one in outcomes[rule.id]} == {"fail", "pass", "not_evaluated"}


def test_an_example_that_is_wrong_is_noticed() -> None:
    rule = next(rule for rule in RULES if rule.id == "backup_isolation/not_backed_up")
    turned = rule.body.examples.model_copy(
        update={"fails": rule.body.examples.passes, "passes": rule.body.examples.not_evaluated}
    )
    wrong = load.Rule(rule.id, rule.principle, rule.body.model_copy(update={"examples": turned}), rule.path, rule.lines)
    got = [(one.expected, one.got) for one in examples.run([wrong], vocabulary.load(), Config()) if not one.ok]
    assert set(got) == {("fail", "pass"), ("pass", "not_evaluated")}
