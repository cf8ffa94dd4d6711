"""The HTML page in a real browser: no errors, filters and deep links work, it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect, sync_playwright

import reports
from scanner.findings import Result
from tests.reports import results
from tests.reports.browser import MISSING, WHY_SKIPPED, Browser, start
from tests.reports.hostile_text import NASTY
from tests.reports.test_report_html import Page, data_of

pytestmark = pytest.mark.skipif(MISSING, reason=WHY_SKIPPED)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright, start(playwright) as chromium:
        yield chromium


@pytest.fixture
def browser(chromium: Chromium, tmp_path: Path) -> Browser:
    return Browser(chromium, tmp_path)


def rows(dom: str, section: str) -> list[str]:
    start = dom.index("<tbody>", dom.index(f'<section id="{section}"'))
    return dom[start : dom.index("</tbody>", start)].split("<tr>")[1:]


def text(markup: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)).strip()


def test_script_draws_what_the_server_wrote(browser: Browser) -> None:
    result = results.make(12)
    first = result.findings[0]
    drawn = browser.dom(result, f"#f-{first.fingerprint}")
    written = (browser.folder / "report.html").read_text()
    mine = [next(row for row in rows(dom, "findings") if f"f-{first.fingerprint}" in row) for dom in (written, drawn)]
    assert text(mine[0]) == text(mine[1])
    for section in ("accounts", "findings"):
        ours, theirs = rows(written, section), rows(drawn, section)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            cells = [re.sub(r'<div class="more">.*?</details>', "", cell, flags=re.S) for cell in (one, other)]
            assert text(cells[0]) == text(cells[1])
    assert [text(row) for row in rows(drawn, "matrix")] == [text(row) for row in rows(written, "matrix")]


def test_a_shared_workload_misses_no_environment(browser: Browser) -> None:
    result = results.make(12)
    with browser.opened(result) as page:
        row = page.locator("#matrix tbody tr", has=page.locator("th", has_text="logging"))
        assert row.count() == 1
        assert row.locator(".missing").count() == 0
        assert page.locator("#matrix .missing").count() == html_of(browser, result).count('class="missing"') > 0


def test_an_unfolded_account_is_what_the_server_wrote(browser: Browser) -> None:
    result = results.make(12)
    drawn = browser.dom(result, f"#a-{result.accounts[4].id}")
    written = (browser.folder / "report.html").read_text()
    mine = [next(row for row in rows(dom, "accounts") if result.accounts[4].id in row) for dom in (written, drawn)]
    assert text(mine[0]) == text(mine[1])


def test_a_filter_in_the_address_filters(browser: Browser) -> None:
    result = results.make(12)
    expected = [f for f in result.findings if f.severity == "high" and f.account_name == "ledger-test"]
    dom = browser.dom(result, "#findings?severity=high&account=ledger-test")
    assert 0 < len(expected) == len(rows(dom, "findings")) < len(result.findings)
    assert f"{len(expected)} of {len(result.findings)} findings." in text(dom)


def test_the_form_filters_by_unit_and_owner(browser: Browser) -> None:
    result = results.make(60)
    places = {account.id: account for account in result.accounts}
    unit = "Root / Security"
    within = [f for f in result.findings if " / ".join(places[f.account_id].unit_path) == unit]
    owner = next(places[f.account_id].owner for f in within if places[f.account_id].owner)
    theirs = [f for f in within if places[f.account_id].owner == owner]
    with browser.opened(result) as page:
        number = page.locator("#findings [data-number]")
        page.fill("#findings [name=unit]", unit)
        page.wait_for_url("**#findings?unit=*")
        assert number.text_content().startswith(f"{len(within)} of ")  # type: ignore[union-attr]
        page.fill("#findings [name=owner]", owner)
        page.wait_for_url("**&owner=*")
        assert number.text_content().startswith(f"{len(theirs)} of ")  # type: ignore[union-attr]
        page.click("#findings [type=reset]")
        page.wait_for_url("**#findings")
        assert number.text_content().startswith(f"{len(result.findings)} findings")  # type: ignore[union-attr]


def test_a_header_sorts_both_ways(browser: Browser) -> None:
    result = results.make(12)
    accounts = sorted(str(f.account_name) for f in result.findings)
    with browser.opened(result) as page:
        header = page.locator("#findings th[data-sort=account]")
        for expected, direction in ((accounts, "ascending"), (accounts[::-1], "descending")):
            header.get_by_role("button").press("Enter")
            assert header.get_attribute("aria-sort") == direction
            assert page.locator("#findings tbody [data-slot=account]").all_text_contents() == expected


def test_findings_group_and_a_group_unfolds(browser: Browser) -> None:
    result = results.make(12)
    names = {f.account_name for f in result.findings}
    with browser.opened(result, "#findings?group=account") as page:
        heads = page.locator("#findings .group button")
        assert heads.count() == len(names) == page.locator("#findings tbody tr").count()
        name = heads.nth(2).text_content() or ""
        heads.nth(2).press("Enter")
        assert page.evaluate("document.activeElement.textContent") == name
        shown = page.locator("#findings tbody [data-slot=account]").all_text_contents()
        assert len(shown) == sum(f"{f.account_name} ({f.account_id})" == name for f in result.findings) > 0
        assert set(shown) == {name.split(" (")[0]}


def test_a_finding_unfolds_by_keyboard(browser: Browser) -> None:
    result = results.make(12)
    with browser.opened(result) as page:
        first = page.locator("#findings tbody details").first
        first.locator("summary").press("Enter")
        expect(first.locator("[data-slot=title]")).not_to_be_empty()
        mark = (first.get_attribute("id") or "").removeprefix("f-")
        finding = next(f for f in result.findings if f.fingerprint == mark)
        unfolded = first.locator(".more").inner_text()
        for part in (finding.rule_id, finding.subject.arn, finding.remediation.split("\n")[0]):
            assert part and part in unfolded


def test_the_theme_switches_and_stays(browser: Browser) -> None:
    path = browser.written(results.make(3))
    with browser.opened(path, color_scheme="light") as page:
        paper = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(paper)
        page.select_option("#theme", "dark")
        dark = page.evaluate(paper)
        assert light != dark
        page.evaluate("location.hash = '#scan'")
        page.select_option("#theme", "light")
        assert page.evaluate(paper) == light


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, scheme: str, width: int) -> None:
    result = results.compared(results.make(14))
    with browser.opened(result, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
        for unfolded in ("findings", "accounts", "drill", "rules", "around", "first", "changes"):
            page.locator(f"#{unfolded} summary").first.click()
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_nothing_is_wider_than_a_phone(browser: Browser) -> None:
    with browser.opened(results.make(14), viewport={"width": 360, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_search_looks_at_message_and_names(browser: Browser) -> None:
    result = results.make(12)
    dom = browser.dom(result, "#findings?search=GUARDRAIL+billing")
    assert len(rows(dom, "findings")) == sum(
        f.rule_id == "governance/no_guardrail" and "billing" in f.account_name.lower()
        for f in result.findings
        if f.account_name
    )


def test_a_link_finds_the_last_of_many_findings(browser: Browser) -> None:
    result = results.make(600, findings_per_account=10)
    last = result.findings[-1]
    with browser.opened(result, f"#f-{last.fingerprint}") as page:
        page.wait_for_timeout(300)
        top = page.evaluate(f"document.getElementById('f-{last.fingerprint}').getBoundingClientRect().top")
        assert 0 <= top <= 200
    dom = browser.dom(result, f"#f-{last.fingerprint}")
    [row] = [row for row in rows(dom, "findings") if last.fingerprint in row]
    assert re.search(rf'<details id="f-{last.fingerprint}" open', row)
    assert last.subject.arn and last.subject.arn in text(row)


def test_hostile_text_runs_nothing(browser: Browser) -> None:
    base = results.hostile("</script><img src=x onerror=document.title='pwned'>")
    many = tuple(
        replace(results.hostile(nasty).findings[0], fingerprint=f"{number:016x}") for number, nasty in enumerate(NASTY)
    )
    result = replace(base, findings=many)
    dom = browser.dom(result, f"#f-{1:016x}")
    assert "pwned" not in re.search(r"<title>(.*?)</title>", dom, re.S)[1].replace("document.title='pwned'", "")
    assert not {tag for tag, _ in Page(dom.replace("<br>", "")).elements} & {"img", "iframe", "object", "embed"}
    assert len(rows(dom, "findings")) == min(100, len(many))


@pytest.mark.parametrize("result", [results.empty(), results.make(12)], ids=["empty", "12"])
def test_it_prints(browser: Browser, result: Result) -> None:
    with browser.opened(result) as page:
        assert page.pdf().startswith(b"%PDF-")


def test_the_matrix_is_seen_and_leads_to_the_account(browser: Browser) -> None:
    result = results.make(15)  # the middle is in a cell, not on a line
    with browser.opened(result) as page:
        wide, high = page.evaluate(
            "(() => { const b = document.querySelector('.cells').getBoundingClientRect(); return [b.width, b.height]; })()"
        )
        assert wide == high >= 15 * 8
        assert page.locator(".rows :is(.name_marks, .prodname_marks) text").count() == 15
        page.click(".cells")
        data = data_of(page.content())
        account = data["accounts"][data["damage"]["order"][7]][0]
        assert page.evaluate("location.hash") == f"#reach={account}"
        assert page.evaluate("document.querySelector('#picture .hub code').textContent") == account


def test_choosing_an_account_shows_the_way_behind_each_pair(browser: Browser) -> None:
    result = results.make(14)
    chosen = next(account for account in result.accounts if account.name == "ledger-test")
    theirs = [pair for pair in result.reach if pair.target == chosen.id]
    with browser.opened(result) as page:
        page.fill("#around input", "ledger-test")
        page.wait_for_url("**/report.html#reach=*")
        assert page.evaluate("location.hash") == f"#reach={chosen.id}"
        assert page.evaluate("document.querySelectorAll('#picture .inward .edge').length") == len(theirs) > 2
        page.click("#picture .inward .edge summary")
        source = page.evaluate("document.querySelector('#picture .inward .edge [data-slot=id]').textContent")
        steps = page.evaluate(
            "[...document.querySelectorAll('#picture .inward .edge:first-child .steps li')].map(one => one.textContent)"
        )
        assert steps == next(list(pair.chain) for pair in theirs if pair.source == source)


def test_a_condition_is_shown_with_the_way(browser: Browser) -> None:
    result = results.make(14)
    pair = next(pair for pair in result.reach if pair.conditions)
    with browser.opened(result, f"#reach={pair.source}") as page:
        page.click("#picture .outward .edge.conditional summary")
        assert "Only if aws:MultiFactorAuthPresent is true" in text(
            page.evaluate("document.querySelector('#picture .outward .edge.conditional').outerHTML")
        )


def test_the_drawn_picture_is_what_the_server_wrote(browser: Browser) -> None:
    result = results.make(14)
    written = html_of(browser, result)
    [account] = re.findall(r'<div class="hub[^"]*">.*?<code>(\d+)</code>', written, re.S)[:1]
    drawn = browser.dom(result, f"#reach={account}")
    pictures = [dom[dom.index('<div id="picture">') : dom.index('<div class="plain">')] for dom in (written, drawn)]
    folded = [re.sub(r'<div class="more">.*?</details>', "", picture, flags=re.S) for picture in pictures]
    assert text(folded[0]) == text(folded[1])
    assert folded[0].count('<li class="edge') == sum(account in (pair.source, pair.target) for pair in result.reach) > 5


def test_a_row_of_the_drill_unfolds(browser: Browser) -> None:
    result = results.make(14)
    row = max(result.drills, key=lambda drill: len(drill.lost) + len(drill.survives) + len(drill.falls_too))
    written = html_of(browser, result)
    with browser.opened(result) as page:
        page.click(f"#d-{row.account} summary")
        shown = text(page.evaluate(f"document.getElementById('d-{row.account}').outerHTML"))
    for arn in [*(one.arn for one in row.lost), *(one.arn for one in row.survives), *(one.arn for one in row.unknown)]:
        assert arn in shown
    mine = next(one for one in rows(written, "drill") if row.account in one)
    assert shown == text(mine[mine.index("<details") : mine.index("</details>")])


def test_drill_and_radius_filter_and_are_what_the_server_wrote(browser: Browser) -> None:
    result = results.make(14)
    drawn, written = browser.dom(result), html_of(browser, result)
    for section in ("drill", "radius"):
        for one, other in zip(body(written, section), body(drawn, section), strict=True):
            assert text(re.sub(r'<div class="more">.*?</details>', "", one, flags=re.S)) == text(
                re.sub(r'<div class="more">.*?</details>', "", other, flags=re.S)
            )
    filtered = body(browser.dom(result, "#drill?show=lost&environment=test"), "drill")
    environments = {account.id: account.environment for account in result.accounts}
    assert len(filtered) == sum(bool(one.lost) and environments[one.account] == "test" for one in result.drills) > 0


def body(dom: str, identity: str) -> list[str]:
    start = dom.index("<tbody>", dom.index(f'id="{identity}"'))
    return dom[start : dom.index("</tbody>", start)].split("<tr>")[1:]


def html_of(browser: Browser, result: Result) -> str:
    path = browser.folder / "written.html"
    reports.write("html", result, path)
    return path.read_text()
