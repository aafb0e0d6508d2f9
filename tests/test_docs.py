"""The READMEs are true: what they name is there, and what is there they name."""

import dataclasses
import re
from pathlib import Path

import pytest

from sliders_desktop.cli import COMMANDS
from sliders_desktop.config import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "sliders_desktop"
NOT_OURS = {".venv", ".git", ".cache", ".pytest_cache", "build", "dist", "node_modules"}

READMES = sorted(
    file for file in ROOT.rglob("README.md") if not NOT_OURS & set(file.relative_to(ROOT).parts)
)
# A span of code that can only mean a file of this repository.
FILE = re.compile(r"[\w.-]*(?:/[\w.-]+)*\.(?:py|md|toml|lock|yml|sh|cmd|spec|qss|safetensors)")


def text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def everything_documented() -> str:
    return "\n".join(map(text, READMES))


def files_named(readme: Path) -> set[str]:
    """Links and code spans of ``readme`` that mean files here."""
    prose = re.sub(r"```.*?```", "", text(readme), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    spans = (span.split()[0] for span in re.findall(r"`([^`\n]*\S[^`\n]*)`", prose))
    return {link for link in links if "://" not in link} | {s for s in spans if FILE.fullmatch(s)}


@pytest.mark.parametrize("readme", READMES, ids=lambda file: str(file.relative_to(ROOT)))
def test_named_files_are_there(readme: Path) -> None:
    """By their path from the README or from the top; a bare name may lie in any folder below."""
    missing = [
        name
        for name in sorted(files_named(readme))
        if not (readme.parent / name).exists()
        and not (ROOT / name).exists()
        and ("/" in name or not any(readme.parent.rglob(name)))
    ]
    assert not missing


def test_the_map_names_every_module() -> None:
    map_of_the_package = text(PACKAGE / "README.md")
    missing = [
        str(file.relative_to(PACKAGE))
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.name != "__init__.py"
        and not re.search(rf"\b{re.escape(file.name)}", map_of_the_package)
    ]
    assert not missing


def test_every_command_is_documented() -> None:
    """All but the one that needs no naming."""
    documented = everything_documented()
    pattern = r"(`|sliders-desktop |packaging/run ){}\b"
    names = [name for name in COMMANDS if name != "open"]
    assert [name for name in names if not re.search(pattern.format(name), documented)] == []


def test_every_setting_is_documented() -> None:
    documented = everything_documented()
    names = [setting.name for setting in dataclasses.fields(Settings)]
    assert [name for name in names if f"`{name}`" not in documented] == []


def test_ci_runs_what_the_readme_says() -> None:
    readme = text(ROOT / "README.md")
    assert "packaging/run" in readme
    assert "packaging/test" in readme
    assert "packaging\\test.cmd" in readme
    assert "packaging/test" in text(ROOT / ".ci" / "run")
    workflow = text(ROOT / ".github" / "workflows" / "test.yml")
    assert "run: packaging/test\n" in workflow
    assert "run: packaging\\test.cmd\n" in workflow
