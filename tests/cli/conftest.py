"""A store with a past, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made import site_config
from tests.service_process import Service
from tests.storage.aged import decide_long_ago


@pytest.fixture(scope="session")
def _aged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aged")
    service = Service(folder / "data")
    version = service.publish(site_config())
    made = decide_long_ago(service.data, version, 30)
    service.must("export", "boutique", "--format", "jsonl", "--out", str(folder / "seals"))
    service.must("archive", "boutique", "--after", "P6M")
    service.must("erase", "boutique", str(made[3].subject), "--reason", "asked for")
    service.must("export", "boutique", "--format", "jsonl", "--out", str(folder / "seals"))
    return service.data


@pytest.fixture
def aged(_aged: Path, tmp_path: Path) -> Iterator[Service]:
    """A service, not started, whose store has a version and thirty decisions, archived, one of them erased there."""
    shutil.copytree(_aged, tmp_path / "data")
    service = Service(tmp_path / "data")
    yield service
    service.kill()
