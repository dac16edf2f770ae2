"""A small true bundle that the verifier's tests spoil in every way."""

from __future__ import annotations

import pytest

from temoin.proof.bundle import write_bundle
from temoin.proof.ports import EntryFilter
from tests.aio import run
from tests.proof.forged import verify
from tests.proof.logs import SITE, new_subject, open_site
from tests.proof.trusted import Made, make


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small true bundle: two versions, one subject's two decisions, another's one, an act."""
    folder = tmp_path_factory.mktemp("bundle")

    async def main() -> None:
        async with open_site(folder / "store") as site:
            first, subject = await site.publish(languages=["fr"]), new_subject()
            await site.decide(first, subject=subject)
            await site.decide(first)
            await site.act()
            second = await site.publish(evidence=False, choice_validity="P6M", languages=["fr"])
            await site.decide(second, subject=subject)
            await site.seal()
            await write_bundle(site.log, SITE, EntryFilter(), folder / "p", site.clock.now())

    run(main())
    data = (folder / "p").read_bytes()
    assert verify(data).ok
    return data


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def endorsed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The bundle's own checkpoint is cosigned and stamped."""
    return make(tmp_path_factory.mktemp("endorsed"), endorse="wt")


@pytest.fixture(scope="module")
def continued(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two keys were replaced, then both endorsed, then the log went on."""
    return make(tmp_path_factory.mktemp("continued"), rotations=2, endorse="wt", after=5)
