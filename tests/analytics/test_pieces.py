"""The pieces of counting: the sketch, what is masked, what an agent is, which days a period has."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from temoin.analytics.agent import classify, language
from temoin.analytics.fold import Fold, Who, first_kept
from temoin.analytics.hit import Hit
from temoin.analytics.mask import mask, mask_path
from temoin.analytics.ports import OTHER
from temoin.analytics.report import Span, tens
from temoin.analytics.sketch import Sketch
from temoin.http import network
from tests.analytics.sending import FIREFOX, IPHONE

ANDROID = "Mozilla/5.0 (Linux; Android 16; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 {}Safari/537.36"


@pytest.mark.parametrize("count", [0, 1, 100, 10_000, 1_000_000])
def test_a_sketch_counts_within_two_percent(count: int) -> None:
    source = random.Random(count)
    sketch = Sketch()
    for _ in range(count):
        sketch.add(source.getrandbits(64))
    assert abs(sketch.count() - count) <= 0.02 * count
    assert Sketch.from_bytes(sketch.to_bytes()).count() == sketch.count()
    assert len(sketch.to_bytes()) <= 10_000


def test_joined_sketches_count_everybody_once() -> None:
    values = [random.Random(7).getrandbits(64) for _ in range(1)] + [
        random.Random(i).getrandbits(64) for i in range(3000)
    ]
    whole, left, right = Sketch(), Sketch(), Sketch()
    for index, value in enumerate(values):
        whole.add(value)
        (left if index % 3 else right).add(value)
        (right if index % 2 else left).add(value)
    left.merge(right)
    assert left.count() == whole.count()


@pytest.mark.parametrize("damaged", [b"", b"x", Sketch().to_bytes()[:-9]])
def test_what_is_no_sketch_is_not_taken_for_one(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="not a sketch"):
        Sketch.from_bytes(damaged)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/a/b?utm_source=x&gclid=1#top", "/a/b"),
        ("/compte/jane%40shop.test/commandes", "/compte/(email)/commandes"),
        ("/r/550e8400-e29b-41d4-a716-446655440000", "/r/(id)"),
        ("/r/Xk29dLqP04mNbVc81sTzR", "/r/(id)"),
        ("/panier;jsessionid=9F8A", "/panier"),
        ("/tel/+33 6 12 34 56 78", "/tel/(number)"),
        ("/hote/192.168.1.20", "/hote/(address)"),
        (
            "/2026/11/26/noel-au-marche-de-strasbourg-et-ailleurs",
            "/2026/11/26/noel-au-marche-de-strasbourg-et-ailleurs",
        ),
        ("/produit/12345", "/produit/12345"),
        ("/%00%0aa", "/ a"),
        ("/", "/"),
    ],
)
def test_paths_keep_what_they_say_of_the_page_and_lose_what_they_say_of_people(path: str, kept: str) -> None:
    assert mask_path(path) == kept


def test_account_numbers_are_masked() -> None:
    assert mask("virement FR76 3000 6000 0112 3456 7890 189 merci") == "virement (account) merci"
    assert mask("carte 4970 1012 3456 7890") == "carte (number)"


@pytest.mark.parametrize(
    ("agent", "device", "browser"),
    [
        (FIREFOX, "desktop", "Firefox 145"),
        (IPHONE, "mobile", "Mobile Safari 18"),
        (ANDROID.format("Pixel 9", "Mobile "), "mobile", "Chrome Mobile 142"),
        (ANDROID.format("SM-X910", ""), "tablet", "Chrome 142"),
    ],
)
def test_agents_become_classes(agent: str, device: str, browser: str) -> None:
    found = classify(agent)
    assert (found.bot, found.device, found.browser) == (False, device, browser)


@pytest.mark.parametrize("agent", ["", "x" * 600, "curl/8.5.0", "python-requests/2.32", FIREFOX + " Lighthouse"])
def test_machines_are_bots(agent: str) -> None:
    assert classify(agent).bot


def test_addresses_lose_what_tells_a_household() -> None:
    assert network("198.51.100.77") == network("::ffff:198.51.100.77") == bytes([198, 51, 100, 0])
    assert network("2001:db8:12:3456::1") == bytes.fromhex("20010db80012") + bytes(10)
    assert network("no address") == b""
    assert [language(text) for text in ("fr-CA,en;q=0.5", "EN", "*", "")] == ["fr", "en", "??", "??"]


def test_small_numbers_become_tens() -> None:
    assert [tens(count) for count in (0, 1, 9, 10, 11, 95)] == [0, 10, 10, 10, 20, 100]


def test_what_is_as_old_as_twenty_five_months_is_not_kept() -> None:
    assert first_kept(datetime(2026, 11, 26, tzinfo=UTC)) == 20241027
    assert first_kept(datetime(2026, 3, 31, tzinfo=UTC)) == 20240301


def test_the_period_before_is_as_long() -> None:
    assert Span(date(2026, 3, 1), date(2026, 3, 31)).before.as_dict() == {"from": "2026-01-29", "to": "2026-02-28"}


def test_a_flood_of_made_up_pages_is_bounded_in_memory() -> None:
    fold = Fold()
    who = Who(7, "FR", "fr", classify(FIREFOX))
    for number in range(40_000):
        fold.count("boutique", Hit(type="view", page=f"/{number}"), who, datetime(2026, 11, 26, tzinfo=UTC))
    counts = fold.take()["boutique"].counts
    assert len(counts) <= 30_010
    assert sum(count[0] for key, count in counts.items() if key[1] == "page") == 40_000
    assert counts[2026112600, "page", OTHER, 0][0] > 0
