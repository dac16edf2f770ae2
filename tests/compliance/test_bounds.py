"""Rules at their edges: periods, patterns, origins, colours, companies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.banner.palette import palette_of
from temoin.compliance.colour import contrast
from temoin.compliance.design import drawn
from temoin.compliance.engine import lint
from temoin.compliance.examples import example, tracker
from temoin.site import Theme


def _rules(changes: Any) -> set[str]:
    return {each.rule for each in lint(example(changes))}


@pytest.mark.parametrize(
    ("validity", "expected"),
    [
        ("P13M", {"DUR-005"}),
        ("P1Y1M", {"DUR-005"}),
        ("P13M1D", {"DUR-004"}),
        ("P1Y2M", {"DUR-004"}),
        ("P2Y", {"DUR-004"}),
        ("P99999D", {"DUR-004"}),
        ("P6M", set()),
        ("P180D", set()),
        ("P6M1D", {"DUR-005"}),
        ("P7M", {"DUR-005"}),
        ("P179D", {"DUR-007"}),
        ("P1D", {"DUR-007"}),
    ],
)
def test_a_choice_holds_thirteen_months_at_most_and_six_as_recommended(validity: str, expected: set[str]) -> None:
    assert _rules({"choice_validity": validity}) == expected


def test_a_session_cookie_is_never_too_long() -> None:
    assert _rules(tracker(cookies=[{"name": "_s"}], storage=[{"name": "k", "max_age": "session"}])) == set()


def test_storage_counts_as_cookies_do() -> None:
    assert _rules(tracker(storage=[{"name": "k", "max_age": "P14M"}])) == {"DUR-006"}


@pytest.mark.parametrize(
    "pattern",
    [
        *["*", "**", "*.example", "*boutique.example", "www.boutique.example", "www.boutique.example/*"],
        *["*/*", "*.js", "WWW.Boutique.example"],
    ],
)
def test_patterns_that_catch_the_sites_own_pages_are_errors(pattern: str) -> None:
    assert "STR-011" in _rules(tracker(match=[pattern]))


@pytest.mark.parametrize(
    "pattern",
    ["*.mesure.example", "www.boutique.example/matomo/*", "*/collect*", "boutique.example.evil.test", "a.b/*.js"],
)
def test_patterns_of_other_hosts_and_of_one_path_pass(pattern: str) -> None:
    assert _rules(tracker(match=[pattern])) == set()


@pytest.mark.parametrize("name", ["*", "temoin", "t*", "*moin", "temoin*"])
@pytest.mark.parametrize("part", ["cookies", "storage"])
def test_no_tracker_claims_the_memory_of_the_choice(part: str, name: str) -> None:
    assert "STR-012" in _rules(tracker(**{part: [{"name": name}]}))


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://boutique.example", {"STR-006"}),
        ("http://localhost", set()),
        ("http://shop.localhost:3000", set()),
        ("http://127.0.0.1:8080", set()),
        ("http://shop.test:8000", set()),
        ("http://localhost.evil.example", {"STR-006"}),
        ("https://a.example:443", {"STR-005"}),
        ("http://localhost:80", {"STR-005"}),
        ("https://a.example:0", {"STR-005"}),
        ("https://a.example:70000", {"STR-005"}),
        ("https://a..example", {"STR-005"}),
    ],
)
def test_origins_are_what_browsers_send(origin: str, expected: set[str]) -> None:
    assert _rules({"origins": [origin]}) == expected


@pytest.mark.parametrize(
    ("host", "exempt"),
    [
        ("www.googletagmanager.com/gtag/js*", False),
        ("*.google-analytics.com", False),
        ("*google-analytics.com/g/collect", False),
        ("connect.facebook.net", False),
        ("stats.notgoogle-analytics.com", True),
        ("matomo.boutique.example/*", True),
    ],
)
def test_services_that_reuse_data_are_never_exempt(host: str, exempt: bool) -> None:
    purposes = [{"id": "audience", "basis": "exempt", "exemption": "audience"}]
    assert ("ANA-007" not in _rules({"purposes": purposes, **tracker(match=[host])})) == exempt


def test_the_sites_own_tracker_needs_no_agreement() -> None:
    assert _rules(tracker(controller="BOUTIQUE sarl", role="processor", agreement="")) == set()


@pytest.mark.parametrize("role", ["processor", "joint_controller"])
def test_a_role_that_needs_an_agreement_names_its_article(role: str) -> None:
    draft = example(tracker(role=role, agreement=" ", policy_url="https://mesure.example/p"))
    (found,) = lint(draft)
    assert found.rule == "ACT-001"
    assert ("28" if role == "processor" else "26") in found.fix


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


COLOURS = st.none() | st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
THEMES = st.builds(Theme, background=COLOURS, text=COLOURS, button_background=COLOURS, button_text=COLOURS)


@settings(max_examples=200, deadline=None, database=None)
@given(THEMES, st.sampled_from(["light", "dark"]))
def test_the_colours_judged_are_those_that_the_banner_draws(theme: Theme, mode: str) -> None:
    seen = palette_of(theme, dark=mode == "dark")
    assert drawn(theme, mode) == (seen.panel, seen.text, seen.button, seen.label)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_products_own_colours_can_be_read(mode: str) -> None:
    own = drawn(Theme(), mode)
    assert contrast(own.background, own.text) >= 4.5
    assert contrast(own.button_background, own.button_text) >= 5
    assert contrast(own.button_background, own.background) >= 3


@pytest.mark.parametrize(
    ("theme", "expected"),
    [
        ({"text": "#333333", "mode": "light"}, set()),
        ({"text": "#333333"}, {"DES-002", "DES-003"}),
        ({"button_text": "#ffffff", "mode": "light"}, set()),
        ({"button_text": "#ffffff"}, {"DES-001"}),
        ({"background": "#767676", "text": "#ffffff", "button_background": "#000000"}, set()),
        ({"background": "#777777", "text": "#ffffff", "button_background": "#000000"}, {"DES-002"}),
        ({"button_background": "#767676", "button_text": "#ffffff"}, {"DES-001"}),
        ({"button_background": "#777777", "mode": "light"}, {"DES-001"}),
        ({"button_background": "#f0f0f0", "mode": "light"}, {"DES-003"}),
        ({"background": "#123456"}, set()),
        ({"background": "#777777"}, set()),
    ],
)
def test_each_colour_is_held_against_its_partner_in_each_mode(theme: dict[str, str], expected: set[str]) -> None:
    found = lint(example({"banner": {"theme": theme}}))
    assert {each.rule for each in found} == expected
    assert all(each.path.removeprefix("$.banner.theme.") in theme for each in found)


def test_a_tracker_that_needs_no_consent_may_tell_of_the_cookie_of_the_choice() -> None:
    own = {"id": "temoin", "name": "Témoin", "purposes": ["choice"], "match": [], "cookies": [{"name": "temoin"}]}
    purposes = [{"id": "audience"}, {"id": "choice", "basis": "exempt", "exemption": "choice"}]
    mine = tracker(**own)["trackers"]
    assert _rules({"purposes": purposes, "trackers": [*tracker()["trackers"], *mine]}) == set()


@pytest.mark.parametrize(
    ("retention", "expected"),
    [
        ({"period": "P5Y"}, set()),
        ({"period": "P61M"}, {"PRF-002"}),
        ({"period": "P11Y"}, {"PRF-002", "PRF-004"}),
        ({"period": "P11Y", "reason": "Procès en cours."}, {"PRF-004"}),
        ({"period": "P1D"}, {"PRF-004"}),
        ({"reason": " "}, {"PRF-002"}),
    ],
)
def test_proofs_are_kept_for_a_reason(retention: dict[str, str], expected: set[str]) -> None:
    assert _rules({"proof_retention": retention}) == expected
