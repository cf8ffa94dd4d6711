from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.classify import Classifier, Words, tag_key, tokens
from scanner.config import Classification

WORDS = Words(Classification())


def judged(
    name: str | None = None, units: tuple[str, ...] = (), settings: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    classifier = Classifier(Classification.model_validate(settings or {}))
    return classifier.account("111122223333", name, more.pop("tags", {}), units, **more)


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("checkout-prod", "production"),
        ("CheckoutProd", "production"),
        ("prd", "production"),
        ("live", "production"),
        ("Production", "production"),
        ("pre-prod", "staging"),
        ("preprod", "staging"),
        ("pre-production-eu", "staging"),
        ("non-prod", "test"),
        ("nonprod", "test"),
        ("NonProduction", "test"),
        ("non-prd", "test"),
        ("NonPRD", "test"),
        ("shop-nonlive", "test"),
        ("non-live", "test"),
        ("pre-prd", "staging"),
        ("prelive", "staging"),
        ("SIT", "test"),
        ("production-test", "test"),
        ("prod-integration", "staging"),
        # The name of a product may be the word of an environment.
        ("integration-prod", "production"),
        ("test-data-prod-eu", "production"),
        ("ci-prod2", "production"),
        ("uat2", "staging"),
        ("qa_7", "test"),
        ("dev.team", "development"),
        ("sandbox", "sandbox"),
        ("delivery", None),
        ("products", None),
        ("latest", None),
        ("device-farm", None),
        ("olive", None),
        ("contest", None),
        ("", None),
        ("123", None),
    ],
)
def test_which_environment_a_text_names(text: str, environment: str | None) -> None:
    assert WORDS.environment(text) == environment


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        ("prod-api", "production"),
        ("api-prod", "production"),
        ("api-prod-eu", None),
        ("live-stream", None),
        ("stream-live", None),
        ("test-runner", "test"),
    ],
)
def test_names_of_resources_count_at_their_edges(text: str, environment: str | None) -> None:
    assert WORDS.environment(text, edges_only=True) == environment


@pytest.mark.parametrize(
    ("text", "workload"),
    [
        ("checkout-prod", "checkout"),
        ("prod", None),
        ("team-rocket", None),
        ("RocketSquad", None),
        ("pre-prod-shop", "shop"),
        ("shop-eu", "shop-eu"),
    ],
)
def test_a_workload_is_what_is_left_and_no_team(text: str, workload: str | None) -> None:
    assert WORDS.workload(text) == workload


def test_evidence_in_order() -> None:
    units = ("Sandbox", "Root")
    tags = {"Environment": "test", "App-Name": "x"}
    configured = {"accounts": {"shop-prod": {"environment": "staging", "owner": "me"}}}
    by_config = judged("shop-prod", units, configured, tags=tags)
    assert (by_config["environment"].value, by_config["environment"].source) == ("staging", "config")
    assert by_config["owner"].value == "me"
    by_tag = judged("shop-prod", units, tags=tags)["environment"]
    assert (by_tag.value, by_tag.source, by_tag.evidence) == ("test", "tag", "Environment=test")
    assert by_tag.confidence == "medium", "the name says otherwise"
    assert "name shop-prod says production" in by_tag.against
    by_name = judged("shop-prod", ("Production",))["environment"]
    assert (by_name.source, by_name.confidence, by_name.against) == ("name", "medium", None)
    assert judged("shop", units)["environment"].source == "unit"
    assert judged("shop", ("Workloads", "Sandbox"))["environment"].value == "sandbox"


def test_shared_is_weaker_than_an_environment() -> None:
    assert judged("network-prod")["environment"].value == "production"
    assert judged("network")["environment"].value == "shared"
    assert judged("acme", is_management=True)["environment"].value == "shared"
    weak = judged("log-archive", ("Production",))["environment"]
    assert weak.value == "production"
    assert weak.against is None, "a weaker word is no contradiction"


def test_read_and_silent_is_unknown_and_not_read_is_none() -> None:
    assert {key: one.value for key, one in judged("acme-7").items()} == {
        "environment": "unknown",
        "workload": "acme-7",
        "owner": "unknown",
    }
    assert {one.value for one in judged(None, read=False).values()} == {None}
    assert judged("x-prod", read=False)["environment"].value == "production", "a known fact stands"


@pytest.mark.parametrize(
    "key", ["cost-center", "Cost_Center", "COST CENTER", "cost:center", "costCenter", "CostCenter"]
)
def test_tag_keys_are_compared_loosely(key: str) -> None:
    assert tag_key(key) == "costcenter"


def test_tags_without_a_value_say_nothing() -> None:
    found = judged("acme", tags={"owner": "  ", "team": "ops", "environment": "", "product": "team blue"})
    assert found["owner"].value == "ops"
    assert found["environment"].value == "unknown"
    assert found["workload"].value == "acme", "a team is no product"
    assert Classifier(Classification()).names_team("acme", {"product": "team blue"}) == "product=team blue"


def test_words_are_settings() -> None:
    settings = {"environments": {"production": ["echt"]}, "workload_tags": ["domain"], "shared_words": ["zentral"]}
    assert judged("shop-echt", (), settings)["environment"].value == "production"
    assert judged("zentral", (), settings)["environment"].value == "shared"
    assert judged("x", (), settings, tags={"Domain": "shop"})["workload"].value == "shop"


@settings(deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=3))
def test_any_text_is_judged(text: str, units: list[str]) -> None:
    found = judged(text, tuple(units), tags={"environment": text, "product": text})
    known = {*Classification().environments, "shared", "unknown"}
    assert found["environment"].value in known
    assert tokens(text) == tokens(text.lower()) or any(character.isupper() for character in text)
