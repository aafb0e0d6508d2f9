"""Who may import whom: the contracts of pyproject.toml, and what they cannot say."""

import ast
import logging
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sliders_desktop"

# Where the name one imports is not the name one installs.
INSTALLED_AS = {
    "AppKit": "pyobjc-framework-Cocoa",
    "Foundation": "pyobjc-framework-Cocoa",
    "MediaPlayer": "pyobjc-framework-MediaPlayer",
    "PySide6": "PySide6-Essentials",
    "sklearn": "scikit-learn",
    "sqlite_utils": "sqlite-utils",
    "umap": "umap-learn",
    "winrt.windows.media": "winrt-Windows.Media",
    "winrt.windows.media.interop": "winrt-Windows.Media.Interop",
    "winrt.windows.storage.streams": "winrt-Windows.Storage.Streams",
}


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Absolute imports of ``file``, each with its line; ``from a import b`` counts as ``a.b``."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def installed_as(name: str) -> str:
    """The package that brings the module ``name``; the longest name that is known decides."""
    known = [n for n in INSTALLED_AS if f"{name}.".startswith(f"{n}.")]
    return INSTALLED_AS[max(known, key=len)] if known else name.split(".")[0]


def test_import_contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails with import-linter's own report, which names the lines."""
    monkeypatch.chdir(ROOT)
    try:
        assert lint_imports(no_logo=True) == EXIT_STATUS_SUCCESS
    finally:  # it silences every logger there is, and tests that come later look at ours
        for name in logging.root.manager.loggerDict:
            logging.getLogger(name).disabled = False


def test_session_and_jobs_know_only_qtcore() -> None:
    """Signals and threads, yes; widgets, pixels and colours belong to the gui."""
    files = [PACKAGE / "jobs.py", *(PACKAGE / "session").rglob("*.py")]
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for file in files
        for name, line in imports(file)
        if re.match(r"PySide6\.(?!QtCore\b)|pyqtgraph\b", name)
    ]
    assert not wrong


def test_dependencies_are_what_is_imported() -> None:
    """Nothing comes in by a neighbour's needs alone, and nothing is installed in vain."""
    at_home = sys.stdlib_module_names | {"sliders_desktop"}
    imported = {
        installed_as(name)
        for file in PACKAGE.rglob("*.py")
        for name, _ in imports(file)
        if name.split(".")[0] not in at_home
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=!~ ]", line)[0] for line in project["dependencies"]}
    assert imported == declared


def test_the_command_line_starts_light() -> None:
    """`--help` must not wait for Qt or torch."""
    program = "import sys, sliders_desktop.cli; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    ).stdout.split()
    heavy = {"PySide6", "numba", "pyqtgraph", "scipy", "sklearn", "torch", "umap"}
    assert not heavy & set(loaded)
