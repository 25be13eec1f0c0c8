"""The page as its reader meets it: what it shows, what it does when asked, and what it never does."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from enforcer.errors import ExitCode
from enforcer.model.report.task import State
from tests.sample_reports import HOSTILE, SAMPLES, a_report, a_target, a_task, a_trend, to_manual

SCRIPT = "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>"


def many(number=10_000):
    failed = [a_task(n, state=State.FAILED, reason="HTTP 503", task_name=f"dr-{n}") for n in range(1, 4)]
    return a_report(a_target([*failed, *(a_task(n) for n in range(4, number + 1))]), code=ExitCode.PARTIAL)


@pytest.mark.parametrize("name", SAMPLES)
def test_it_opens_without_a_network_and_without_a_complaint(opened, name):
    it = opened(SAMPLES[name])

    assert it.page.locator("h1").is_visible()
    assert it.asked == [it.url]
    assert it.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["every-state", "throttled", "two-targets", "refused-plan", "hostile", "denied", "overrides", "set-back"]
)
def test_an_accessibility_checker_finds_nothing(opened, name, scheme):
    # The checker works by means that the page's own policy forbids.
    it = opened(SAMPLES[name], color_scheme=scheme, bypass_csp=True)
    for button in it.page.locator("#changes button.open").all()[:1]:
        button.click()
    for summary in it.page.locator("summary").all():
        summary.click()
    for chip in it.page.locator(".chip:visible").all()[:1]:
        chip.click()

    found = Axe().run(it.page)

    assert found.violations_count == 0, found.generate_report()


def test_the_checker_would_find_text_that_is_too_faint(opened):
    it = opened(SAMPLES["done"], bypass_csp=True)
    it.page.add_style_tag(content="h1 { color: #ddd !important }")

    assert "color-contrast" in {each["id"] for each in Axe().run(it.page).response["violations"]}


def test_the_landmarks_and_headings_tell_the_parts(opened):
    it = opened(SAMPLES["every-state"])
    headings = it.page.get_by_role("heading", level=2).all_inner_texts()

    assert [it.page.get_by_role(role).count() for role in ("banner", "main", "contentinfo")] == [1, 1, 1]
    assert it.page.get_by_role("heading", level=1).inner_text() == "Partly done after 6 min 41 s (exit 3, partial)."
    assert headings == [
        "Needs a person",
        "Totals",
        "Requests over time",
        "Changes",
        "Policy",
        "Environment",
    ]


def test_nothing_in_a_name_runs(opened):
    tasks = [a_task(1, task_name=SCRIPT, rule=SCRIPT, rule_reason=SCRIPT), a_task(2, state=State.FAILED, reason=SCRIPT)]
    it = opened(a_report(a_target(tasks, name=SCRIPT), code=ExitCode.PARTIAL))
    it.page.locator("#changes button.open", has_text="window.owned").click()

    assert it.page.locator(".story dd strong").count() == 1
    assert SCRIPT in it.text(".story")
    assert it.page.locator("img").count() == 0
    assert it.page.evaluate("window.owned") is None
    assert it.complaints == []


def test_hostile_characters_are_written_out(opened):
    it = opened(SAMPLES["hostile"])

    assert HOSTILE not in it.page.content()
    assert r"\u202egnp\u200b" in it.names()[0]


def test_the_policy_is_in_force(opened):
    """A script or a style that found its way into the page does nothing, and no text becomes markup."""
    it = opened(SAMPLES["done"])
    it.page.evaluate("""() => {
        const script = document.createElement("script");
        try { script.text = "window.owned = 1"; } catch { window.refused = 1; }
        document.body.append(script);
        try { document.body.insertAdjacentHTML("beforeend", "<b id=owned>"); } catch { window.refusedMarkup = 1; }
        document.body.setAttribute("style", "color: red");
    }""")

    assert it.page.evaluate("[window.owned, window.refused, window.refusedMarkup]") == [None, 1, 1]
    assert it.page.locator("#owned").count() == 0
    assert it.page.evaluate("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"


def test_a_search_keeps_what_has_every_word(opened):
    it = opened(SAMPLES["throttled"])
    search = it.page.get_by_label("Search")
    search.fill("ORDERS-1 payments")

    assert it.names() == ["pay-orders-1", *(f"pay-orders-{n}" for n in range(10, 20))]
    assert it.shown() == "11 of 50 changes"

    search.fill("nothing has this")
    assert it.names() == []
    search.fill("")
    assert it.shown() == "50 changes"


def test_states_can_be_chosen(opened):
    it = opened(SAMPLES["every-state"])
    everything = it.shown()
    it.page.get_by_role("button", name="failed").click()
    assert it.names() == ["pay-orders-4", "pay-orders-5"]

    it.page.get_by_role("button", name="gone").click()
    assert it.names() == ["pay-orders-4", "pay-orders-5", "pay-orders-7"]
    assert it.page.get_by_role("button", name="gone").get_attribute("aria-pressed") == "true"

    it.page.get_by_role("button", name="failed").click()
    it.page.get_by_role("button", name="gone").click()
    assert it.shown() == everything


def test_direction_target_and_rule_can_be_chosen(opened):
    it = opened(SAMPLES["two-targets"])
    it.page.locator("select[name=target]").select_option("prod-ap")
    assert it.names() == ["sh-wan-2", "pay-orders-4"]

    it.page.locator("select[name=desired]").select_option("to manual")
    assert it.names() == ["sh-wan-2"]
    it.page.locator("select[name=rule]").select_option("payments")
    assert it.names() == []


def test_a_heading_sorts_up_and_then_down_with_numbers_as_numbers(opened):
    it = opened(a_report(a_target([a_task(n, duration_ms=float(100 - n)) for n in (9, 10, 2, 1)])))
    head = it.page.get_by_role("columnheader", name="Task")
    head.get_by_role("button").click()
    assert it.names() == ["pay-orders-1", "pay-orders-2", "pay-orders-9", "pay-orders-10"]
    assert head.get_attribute("aria-sort") == "ascending"

    head.get_by_role("button").click()
    assert it.names() == ["pay-orders-10", "pay-orders-9", "pay-orders-2", "pay-orders-1"]
    assert head.get_attribute("aria-sort") == "descending"

    it.page.get_by_role("columnheader", name="ms").get_by_role("button").click()
    assert it.names() == ["pay-orders-10", "pay-orders-9", "pay-orders-2", "pay-orders-1"]
    assert head.get_attribute("aria-sort") is None


def test_a_story_opens_by_key_and_tells_rule_attempts_and_answers(opened):
    it = opened(SAMPLES["throttled"])
    button = it.page.get_by_role("button", name="pay-orders-8")
    button.focus()
    it.page.keyboard.press("Enter")

    assert button.get_attribute("aria-expanded") == "true"
    assert it.page.evaluate("document.activeElement.textContent") == "pay-orders-8"
    story = it.text(".story")
    assert "payments · nightly.yaml:14" in story
    assert "from manual to auto" in story
    attempts = it.page.locator(".story li").all_inner_texts()
    assert attempts[0] == (
        "4.8 s into the run PUT: HTTP 429 APIGW.0308, the throttling threshold has been reached, after 30 ms, "
        "request 00000008503e9d7c; the next one 9 s later or more"
    )
    assert re.fullmatch(r"[\d.]+ s into the run HTTP 200, after 41\.5 ms, request 000000085e2b9d7c", attempts[1])
    assert "found as auto" in story

    it.page.keyboard.press("Enter")
    assert it.page.locator(".story").count() == 0


def test_a_row_opens_by_a_click_anywhere_in_it(opened):
    it = opened(SAMPLES["done"])
    it.page.locator("#change-3 .mode").click()

    assert it.page.locator("#story-3").is_visible()


def test_what_needs_a_person_leads_to_its_story_whatever_is_selected(opened):
    it = opened(many())
    it.page.get_by_label("Search").fill("pay-orders-77")
    it.page.locator(".concerns a").nth(1).click()

    assert it.page.locator("#story-2").is_visible()
    assert it.page.evaluate("document.activeElement.textContent") == "dr-2"


def test_the_address_of_a_change_opens_it(opened):
    it = opened(many())
    it.page.goto(f"{it.url}#change-4321")

    assert it.page.locator("#story-4321").is_visible()
    assert "Page 44 of 100" in it.text("#pages")


def test_of_ten_thousand_changes_a_page_is_in_the_document_and_all_are_found(opened):
    it = opened(many())
    assert it.page.locator("#changes tbody tr").count() == 100
    assert it.shown() == "10,000 changes, 1 to 100 shown"

    it.page.get_by_role("button", name="Next").click()
    assert it.names()[0] == "pay-orders-101"
    assert it.shown() == "10,000 changes, 101 to 200 shown"

    it.page.get_by_label("Search").fill("pay-orders-9999")
    assert it.names() == ["pay-orders-9999"]
    assert not it.page.locator("#pages").is_visible()


def test_without_scripts_it_is_a_summary(opened):
    it = opened(many(), java_script_enabled=False)

    assert it.page.locator("#changes tbody tr").count() == 100
    assert "The first 100 of 10,000 changes" in it.shown()
    assert not it.page.get_by_label("Search").is_visible()
    assert it.text(".concerns").startswith("failed 3 changes: HTTP 503")


def test_it_prints_what_is_selected_up_to_a_thousand_and_is_as_before_afterwards(opened):
    it = opened(many())
    it.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert it.page.locator("#changes tbody tr").count() == 1000
    assert "1 to 1,000 shown" in it.shown()

    it.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert it.page.locator("#changes tbody tr").count() == 100


def test_on_paper_there_are_no_controls(opened):
    it = opened(SAMPLES["done"])
    it.page.emulate_media(media="print")

    assert not it.page.locator("#filters").is_visible()
    assert not it.page.locator("summary").first.is_visible()
    assert it.page.locator("#changes").is_visible()


@pytest.mark.parametrize("name", ["every-state", "throttled", "two-targets", "hostile"])
def test_on_a_narrow_screen_only_tables_and_plots_scroll_sideways(opened, name):
    it = opened(SAMPLES[name], viewport={"width": 360, "height": 800})
    it.page.locator("#changes button.open").first.click()

    assert it.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_bars_of_the_plot_say_their_figures(opened):
    it = opened(SAMPLES["throttled"])
    titles = it.page.locator(".drawing rect.puts title").all_text_contents()

    assert titles[0] == "from 3.2 s on, 5 PUTs started, half answered within 98 ms"
    assert it.page.get_by_role("img").get_attribute("aria-label").startswith("52 PUTs started in 49 s")


def test_a_change_to_manual_is_told_as_one(opened):
    it = opened(a_report(a_target([to_manual(a_task(1, duration_ms=1234.0))])))

    assert it.shown() == "1 change"
    assert it.text("#change-1 td:last-child") == "1,234.0"
    assert it.text("#change-1 .mode") == "auto → manual"


def test_the_trend_can_be_touched_and_read(opened):
    it = opened(a_report(a_target([a_task(1)]), trend=a_trend(60, drift=9)))
    figure = it.page.locator("section[aria-labelledby=trend-title]")

    assert figure.locator("rect.touch title").all_text_contents()[-1].startswith("2026-11-23 02:15, ok: 9 not as")
    assert figure.get_by_role("img").get_attribute("aria-label").startswith("60 applies from 2026-09-25 to 2026-11-23")
    figure.locator("summary").click()
    assert figure.locator("tbody tr").first.inner_text().split("\t")[-3:] == ["9", "9", "0"]
