"""Certificates and reports: what they say (as HTML, before printing), and that printing reaches nobody."""

from __future__ import annotations

import base64
import html
import re
import socket
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from temoin.errors import NotFound, Unavailable
from temoin.proof import certificate as certificates
from temoin.proof import report as reports
from temoin.proof.certificate import certificate
from temoin.proof.pdf import page, printed, write_pdf
from temoin.proof.ports import EntryFilter
from temoin.proof.printed import log_facts
from temoin.proof.report import report
from temoin.proof.wanted import normalised
from tests.aio import run
from tests.proof.logs import SITE, VKEY, Site, new_subject, open_site

CHROMIUM = "/usr/bin/chromium"
ALL = {"audience": True, "ads": True}
NONE = {"audience": False, "ads": False}


def on_site(folder: Path, work: Callable[[Site], Awaitable[str]]) -> str:
    async def main() -> str:
        async with open_site(folder / "store") as site:
            return await work(site)

    return run(main())


async def document(site: Site, language: str | None = None, **wanted: str) -> str:
    """The visible text of a sealed site's certificate or report, one space between words."""
    await site.seal()
    log, chosen, now = await log_facts(site.log, SITE), normalised(EntryFilter(**wanted)), site.clock.now()
    build = certificate if "subject" in wanted else report
    made = page(await build(site.log, log, chosen, now, language))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<(?!img)[^>]*>", " ", made.partition("</style>")[2])))


def test_a_certificate_tells_history_choices_screens_and_proof(tmp_path: Path) -> None:
    subject = new_subject()

    async def work(site: Site) -> str:
        frozen, day = await site.publish(), site.clock.now() - timedelta(days=1)
        await site.decide(frozen, subject=subject, action="accept_all", choices=ALL, layer=1, viewport="mobile", at=day)
        await site.decide(frozen)
        await site.decide(frozen, subject=subject, control="preferences-save")
        return await document(site, subject=subject)

    text = on_site(tmp_path, work)
    assert "Certificat des choix d’un visiteur" in text
    assert subject in text
    assert f"temoin export boutique --subject={subject} --format bundle" in text
    assert f"temoin verify proof.zip --key '{VKEY}'" in text
    assert "Boutique de démonstration, 1 rue de la Paix, 75002 Paris" in text
    assert "ce visiteur a accepté : Mesure d’audience ; et refusé : Publicité personnalisée" in text
    assert text.index("Décision 2 : Choix modifié") < text.index("Décision 1 : Consentement donné")
    assert "commande « Enregistrer », second niveau, affichage ordinateur, langue « fr » – Écran 1" in text
    for name in ("png fr desktop 2", "png fr mobile 1"):
        assert base64.b64encode(name.encode()).decode() in text
    assert base64.b64encode(b"png fr desktop 1").decode() not in text
    assert len(set(re.findall(r"\b[0-9a-f]{64}\b", text))) == 2 + 2 * 2  # two records, PNG and HTML of two screens


def test_documents_speak_the_sites_language_or_the_one_asked_for(tmp_path: Path) -> None:
    subject = new_subject()

    async def work(site: Site) -> str:
        frozen = await site.publish(default_language="en")
        await site.decide(frozen, subject=subject)
        texts = [await document(site, language, subject=subject) for language in (None, "fr")]
        return "|".join([*texts, await document(site), await document(site, "fr")])

    english, french, report_en, report_fr = on_site(tmp_path, work).split("|")
    assert "this visitor accepted: Audience measurement; and refused: Personalised advertising." in english
    assert "Certificat des choix" in french
    assert "Report of the choices collected" in report_en
    assert "Rapport des choix recueillis" in report_fr


def test_a_certificate_says_so_where_no_capture_was_kept(tmp_path: Path) -> None:
    subject = new_subject()

    async def work(site: Site) -> str:
        await site.decide(await site.publish(evidence=False), subject=subject)
        return await document(site, "en", subject=subject)

    text = on_site(tmp_path, work)
    assert "desktop, second layer: no capture was kept (asked for)." in text
    assert "<img" not in text


def test_the_screen_is_that_of_the_publication_before_the_decision(tmp_path: Path) -> None:
    """The same version published first without evidence, then with: each decision has its own."""
    subject = new_subject()

    async def work(site: Site) -> str:
        frozen = await site.publish(evidence=False)
        await site.decide(frozen, subject=subject)
        await site.publish()
        await site.decide(frozen, subject=subject)
        return await document(site, "en", subject=subject)

    text = on_site(tmp_path, work)
    assert text.count("<img") == 1
    assert "no capture was kept (asked for)" in text


def test_long_histories_and_lists_are_cut_and_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "MOST_DECISIONS", 2)
    monkeypatch.setattr(certificates, "MOST_SCREENS", 1)
    subject = new_subject()

    async def work(site: Site) -> str:
        frozen = await site.publish()
        for layer in (1, 1, 2):
            await site.decide(frozen, subject=subject, layer=layer)
        for _ in range(reports.MOST_LISTED):
            await site.decide(frozen, choices=NONE, action="refuse_all")
        return f"{await document(site, 'en', subject=subject)}|{await document(site, 'en')}"

    cut, listed = on_site(tmp_path, work).split("|")
    assert "This visitor made 3 decisions. Only the 2 most recent" in cut
    assert "2 different screens were shown; the 1 most recent" in cut
    assert "Decision 3:" in cut
    assert "Decision 1:" not in cut
    assert (
        f"The selection has {reports.MOST_LISTED + 3} decisions. Only the {reports.MOST_LISTED} most recent" in listed
    )


def test_a_certificate_about_a_selection_says_so_and_about_nobody_is_refused(tmp_path: Path) -> None:
    subject = new_subject()

    async def work(site: Site) -> str:
        await site.decide(await site.publish(), subject=subject)
        for wanted in ({"subject": new_subject()}, {"subject": subject, "event": "withdrawn"}):
            with pytest.raises(NotFound, match="No decision of the subject"):
                await document(site, **wanted)
        return await document(site, "en", subject=subject, event="given", since="2026-01-01")

    text = on_site(tmp_path, work)
    assert (
        "a selection of this visitor’s decisions only: from 1 January 2026, 00:00:00 UTC on, decisions of the" in text
    )


def test_a_picture_that_is_not_the_published_one_is_never_shown(tmp_path: Path) -> None:
    subject = new_subject()

    async def work(site: Site) -> str:
        await site.decide(await site.publish(), subject=subject)
        with sqlite3.connect(tmp_path / "store/temoin.sqlite3") as store:
            store.execute("UPDATE blob SET data = X'00' WHERE data = ?", (b"png fr desktop 2",))
        store.close()
        with pytest.raises(Unavailable, match="is not in the store as it was published"):
            await document(site, subject=subject)
        return ""

    on_site(tmp_path, work)


def test_a_report_counts_events_purposes_versions_and_days(tmp_path: Path) -> None:
    async def work(site: Site) -> str:
        old, now = await site.publish(), site.clock.now()
        await site.decide(old, choices=ALL, action="accept_all", at=now - timedelta(days=1))
        new = await site.publish(choice_validity="P6M", evidence=False)
        for _ in range(2):
            await site.decide(new, choices=NONE, action="refuse_all")
        await site.decide(new)
        days = [f"{now - timedelta(days=back):%Y-%m-%d}" for back in (1, 0)]
        text = await document(site, "en")
        for day, counts in zip(days, ("1 1 0 0 0", "3 1 2 0 0"), strict=True):
            assert f"{day} {counts} " in text
        assert f"{old.version} " in text
        assert "8 1 " in text
        assert "none: asked for 3 " in text
        return text

    text = on_site(tmp_path, work)
    assert "Consent given 2 50.0% Refusal 2 50.0% Consent changed" not in text
    assert "Consent given 2 50.0% Refusal 2 50.0% Choice changed 0 0.0% Consent withdrawn 0 0.0% Total 4" in text
    assert "Audience measurement 2 2 50.0% Personalised advertising 1 3 25.0%" in text
    assert "All decisions of the selection, most recent first." in text
    assert "6 entries" in text


def test_a_report_follows_its_filters_and_may_be_of_nothing(tmp_path: Path) -> None:
    async def work(site: Site) -> str:
        await site.act()
        nothing = await document(site, "en")
        frozen = await site.publish()
        await site.decide(frozen)
        await site.decide(frozen, choices=NONE, action="refuse_all")
        chosen = await document(site, "en", event="refused", purpose="ads", until="2099-01-01")
        return f"{nothing}|{chosen}"

    nothing, chosen = on_site(tmp_path, work).split("|")
    assert "Decisions found none" in nothing
    assert "before 1 January 2099, 00:00:00 UTC" in chosen
    assert "decisions on the purpose “Personalised advertising”, decisions of the kind “Refusal”" in chosen
    assert "Total 1 " in chosen


def test_a_long_period_is_told_by_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_DAYS", 1)

    async def work(site: Site) -> str:
        frozen, now = await site.publish(), site.clock.now()
        await site.decide(frozen, at=now - timedelta(days=40))
        await site.decide(frozen, at=now)
        return await document(site, "en")

    text = on_site(tmp_path, work)
    assert "The period covers 41 days: details are given by month." in text
    assert "By day" not in text


def test_markup_in_a_configuration_stays_text(tmp_path: Path) -> None:
    async def work(site: Site) -> str:
        controller = {
            "name": "A & B <script>",
            "address": "<b>1</b>",
            "contact": "dpo@shop.test",
            "policy_url": {"fr": "https://shop.test/"},
        }
        await site.publish(controller=controller, languages=["fr"])
        await site.seal()
        view = await report(site.log, await log_facts(site.log, SITE), EntryFilter(), site.clock.now(), None)
        return page(view)

    made = on_site(tmp_path, work)
    assert "A &amp; B &lt;script&gt;, &lt;b&gt;1&lt;/b&gt;" in made
    assert "<script" not in made


def test_without_a_browser_nothing_is_written_and_the_hint_helps(tmp_path: Path) -> None:
    async def work(site: Site) -> str:
        await site.decide(await site.publish())
        await site.seal()
        missing = str(tmp_path / "no-browser")
        with pytest.raises(Unavailable, match="to print a PDF with") as failure:
            await write_pdf(site.log, SITE, EntryFilter(), tmp_path / "out.pdf", site.clock.now(), missing)
        assert failure.value.exit_code == 3
        return failure.value.hint

    hint = on_site(tmp_path, work)
    assert "chromium" in hint
    assert "the other formats" in hint
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.browser
def test_a_pdf_is_tagged_and_printing_asks_nobody_for_anything(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        there = f"http://127.0.0.1:{listener.getsockname()[1]}"
        made = run(
            printed(
                f'<!doctype html><html lang="fr"><title>Essai</title><h1>Titre</h1><img src="{there}/i" alt="">'
                f'<link rel="stylesheet" href="{there}/c"><iframe src="{there}/f"></iframe>'
                f"<script>fetch('{there}/s')</script>",
                "<span></span>",
                CHROMIUM,
            )
        )
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert made.startswith(b"%PDF-")
    for part in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"/Outlines"):
        assert part in made
