"""What an owner writes is text, whatever it looks like; what a template writes is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from temoin.banner.palette import contrast, palette_of
from temoin.banner.render import UI_TEXTS, html, tree, ui
from temoin.banner.style import font_stack, minify, stylesheet
from temoin.banner.tree import Node, tree_of
from temoin.site import Theme
from tests.banner.boutique import BOUTIQUE, boutique

ATTACK = "<img src=x onerror=alert(1)>\"'{{ 7 * 7 }}"


def elements(node: Node) -> Iterator[list[Any]]:
    if isinstance(node, list):
        yield node
        for child in node[2:]:
            yield from elements(child)


def words(node: Node) -> str:
    return node if isinstance(node, str) else " ".join(words(child) for child in node[2:])


def hooked(name: str) -> list[list[Any]]:
    return [e for e in elements(tree(boutique(), "fr")) if e[1] and e[1].get("data-t") == name]


def test_markup_in_any_text_of_an_owner_appears_as_text() -> None:
    config = boutique(
        controller={**BOUTIQUE["controller"], "name": ATTACK, "address": ATTACK, "contact": ATTACK},
        banner={"texts": {"fr": {"banner.title": ATTACK, "button.accept": ATTACK}}},
        purposes=[{"id": "audience", "title": {"fr": ATTACK, "en": "x"}, "description": {"fr": ATTACK, "en": "x"}}],
        trackers=[
            {
                **BOUTIQUE["trackers"][0],
                "name": ATTACK,
                "controller": ATTACK,
                "recipients": [ATTACK],
                "cookies": [{"name": ATTACK}],
            }
        ],
    )
    built = tree(config, "fr")
    plain = tree(boutique(purposes=[{"id": "audience"}], trackers=BOUTIQUE["trackers"][:1]), "fr")
    assert [e[0] for e in elements(built)] == [e[0] for e in elements(plain)]
    assert words(built).count(ATTACK) >= 10
    assert "49" not in words(built)


def test_no_address_of_an_owner_leaves_its_attribute() -> None:
    url = 'https://x.example/"onclick="alert(1)'
    config = boutique(controller={**BOUTIQUE["controller"], "policy_url": {"fr": url}})
    links = [e for e in elements(tree(config, "fr")) if e[0] == "a" and "x.example" in e[1]["href"]]
    assert links
    assert all(e[1] == {"href": url} for e in links)


def test_the_tree_has_no_script_no_style_and_no_handler() -> None:
    for tag, attributes, *_ in elements(tree(boutique(), "fr")):
        assert tag not in ("script", "style", "form")
        assert not [name for name in attributes or {} if name == "style" or name.startswith("on")]


@pytest.mark.parametrize(
    "source",
    [
        "<p>one</p><p>two</p>",
        "<p>open",
        "<p></b></p>",
        "<div><script>x</script></div>",
        '<p style="color:red">x</p>',
        '<p onclick="x">x</p>',
    ],
)
def test_a_template_that_writes_what_may_not_be_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="banner"):
        tree_of(source)


def test_the_layout_of_a_template_does_not_reach_the_page() -> None:
    assert tree_of("<p>\n  one\n  two <b>three</b> four\n</p>") == ["p", 0, "one two ", ["b", 0, "three"], " four"]
    assert tree_of("<p><input hidden>&lt;b&gt;</p>") == ["p", 0, ["input", {"hidden": ""}], "<b>"]


def test_the_hooks_of_the_sdk_are_there() -> None:
    for name in ("banner", "choose", "preferences", "save", "close", "receipt", "open", "status"):
        assert len(hooked(name)) == 1, name
    for name, places in {
        "refuse": ("banner", "preferences"),
        "accept": ("banner", "preferences"),
        "withdraw": ("preferences", "control"),
    }.items():
        assert [hook[1]["id"] for hook in hooked(name)] == [f"{place}-{name}" for place in places]
    for name in ("banner", "withdraw", "receipt", "open"):
        assert hooked(name)[0][1]["hidden"] == "", name


def test_each_consent_purpose_has_one_switch_and_all_are_off() -> None:
    switches = [e for e in elements(tree(boutique(), "fr")) if e[0] == "input"]
    assert [switch[1]["data-purpose"] for switch in switches] == ["audience", "ads", "personalisation", "video"]
    assert all(switch[1]["role"] == "switch" and "checked" not in switch[1] for switch in switches)


def test_the_second_layer_says_who_keeps_what_for_how_long_and_for_whom() -> None:
    said = words(hooked("preferences")[0])
    for fact in (
        "Meta Platforms Ireland Ltd (responsable conjoint)",
        "_fbp (3 mois)",
        "yt-remote-* (session)",
        "Amazon Web Services EMEA SARL",
        "Aucun autre destinataire",
        "12 rue de Dinan, 35400 Saint-Malo, France",
        "dpo@boutique.example",
        "Toujours actif",
    ):
        assert fact in said


def test_a_tracker_of_two_purposes_names_the_other_one() -> None:
    assert "Actif seulement avec Contenus personnalisés" in " ".join(words(hooked("preferences")[0]).split())


def test_the_floating_control_can_be_left_out() -> None:
    config = boutique(banner={"control": "none"})
    assert "open" not in [e[1].get("data-t") for e in elements(tree(config, "fr")) if e[1]]
    assert "lien de gestion des cookies" in words(tree(config, "fr"))


def test_language_and_direction_are_said() -> None:
    assert '<div class="root" lang="en" dir="ltr">' in html(boutique(), "en")


def test_the_sdk_gets_its_own_texts() -> None:
    shown = ui(boutique(), "fr", css=False)
    assert set(shown) == {"tree", "text"}
    assert set(shown["text"]) == set(UI_TEXTS)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "theme",
    [Theme(), Theme(background="#808080"), Theme(background="#fff3d6"), Theme(button_background="#ffd500")],
    ids=["default", "grey", "cream", "yellow"],
)
def test_colours_that_follow_from_others_are_legible(theme: Theme, dark: bool) -> None:
    palette = palette_of(theme, dark=dark)
    assert contrast(palette.text, palette.panel) >= 4.5
    assert contrast(palette.muted, palette.panel) >= 4.5
    assert contrast(palette.label, palette.button) >= 5


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_font_cannot_end_its_declaration() -> None:
    assert font_stack("Inter, 'Open Sans, serif") == '"Inter","Open Sans",serif'
    assert font_stack(None) == font_stack("'") == "system-ui,sans-serif"


def test_a_theme_of_one_mode_does_not_follow_the_system() -> None:
    assert "prefers-color-scheme" in stylesheet("bar", Theme())
    assert "prefers-color-scheme" not in stylesheet("bar", Theme(mode="dark"))
    assert "color-scheme:dark" in stylesheet("bar", Theme(mode="dark"))


def test_colours_of_an_owner_are_in_the_stylesheet() -> None:
    css = stylesheet("bar", Theme(button_background="#aa0000", button_text="#ffffff", radius=0))
    assert "--button:#a00;--label:#fff" in css
    assert "--radius:0px" in css


def test_minifying_keeps_what_means_something() -> None:
    source = (
        "/* a */ a b > c , d::after { margin: 0 auto ; color: red !important; }\n@media (min-width: 1em) and (x) { }"
    )
    assert minify(source) == "a b>c,d::after{margin:0 auto;color:red!important}@media (min-width:1em) and (x){}"


def test_nothing_in_the_styles_names_one_of_the_choices() -> None:
    assert not re.search(r"accept|refuse|choose|save", stylesheet("bar", Theme()))
