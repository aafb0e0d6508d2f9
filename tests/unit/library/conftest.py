"""A real library in a folder of its own, and music files small enough to make by the hundred."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sliders_desktop.library.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "library.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store
