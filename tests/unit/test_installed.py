"""What only an installed program does: one sentence in place of a terminal, and the add-on."""

import json
import sys
from pathlib import Path

import pytest

from sliders_desktop.cli import EXIT_BAD_INPUT, main
from sliders_desktop.cli.telling import check_screen, missing_library
from sliders_desktop.config import Paths
from sliders_desktop.ml import add_on
from sliders_desktop.online import packages

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the add-on is Linux's")


@pytest.mark.parametrize(
    ("text", "library"),
    [
        ("libGL.so.1: cannot open shared object file: No such file or directory", "libGL.so.1"),
        (
            "/x/QtGui.so: libEGL.so.1: cannot open shared object file: No such file", "libEGL.so.1",
        ),
        (
            "Error loading shared library libstdc++.so.6: No such file or directory (needed by x)",
            "libstdc++.so.6",
        ),
        ("No module named 'numpy'", None),
        ("undefined symbol: _ZN in libtorch.so", None),
    ],
)  # fmt: skip
def test_a_missing_library_is_named(text: str, library: str | None) -> None:
    assert missing_library(ImportError(text)) == library


@on_linux
def test_no_screen_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == EXIT_BAD_INPUT
    said = capfd.readouterr().err
    assert said.startswith("There is no screen here")
    assert said.count("\n") == 1
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    check_screen()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installed program on a machine with an NVIDIA driver; returns the driver's file."""
    driver = tmp_path / "version"
    driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module")
    monkeypatch.setattr(add_on, "DRIVER", driver)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return driver


@on_linux
def test_the_add_on_is_offered_fetched_used_and_removed(
    installed: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    paths = Paths(home)
    assert add_on.COMMAND in add_on.offer(paths)
    assert not add_on.use(paths)

    fetched = []

    def install(requirement: str, folder: Path) -> bool:
        fetched.append(requirement)
        (folder / "torch").mkdir(parents=True)
        return True

    monkeypatch.setattr(packages, "install", install)
    assert main(["gpu"]) == EXIT_BAD_INPUT  # nobody is there to say yes
    assert "say so with --yes" in capfd.readouterr().err
    assert fetched == []
    assert main(["gpu", "--yes"]) == 0
    assert fetched == [f"torch=={add_on.own_torch()}"]
    assert add_on.offer(paths) == ""
    assert add_on.use(paths)
    assert sys.path[0] == str(paths.add_on)
    assert main(["gpu", "--remove"]) == 0
    assert not paths.add_on.exists()
    capfd.readouterr()


@on_linux
def test_an_add_on_of_another_version_is_not_used(installed: Path, home: Path) -> None:
    paths = Paths(home)
    paths.add_on.mkdir(parents=True)
    for stamp in ("", "[]", json.dumps({"torch": "1.0.0", "python": "3.11"})):
        (paths.add_on / "complete.json").write_text(stamp)
        assert not add_on.use(paths)
    add_on.mark_complete(paths)
    assert add_on.use(paths)


@on_linux
def test_half_of_an_add_on_is_taken_away(
    installed: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def breaks_off(requirement: str, folder: Path) -> bool:
        folder.mkdir(parents=True)
        return False

    monkeypatch.setattr(packages, "install", breaks_off)
    assert main(["gpu", "--yes"]) == EXIT_BAD_INPUT
    assert "Sliders goes on as before" in capfd.readouterr().err
    assert not Paths(home).add_on.exists()


def test_without_a_card_there_is_no_offer(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(add_on, "DRIVER", tmp_path / "none")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert add_on.offer(Paths(home)) == ""
    monkeypatch.setattr(sys, "frozen", False, raising=False)
    assert main(["gpu", "--yes"]) == EXIT_BAD_INPUT
