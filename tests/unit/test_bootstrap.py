"""The set-up script: what it decides, on machines we are not on, and what it installs."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent

_spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "packaging" / "bootstrap.py")
assert _spec is not None
assert _spec.loader is not None
bootstrap = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bootstrap)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="apt and Xvfb are Linux's")
on_posix = pytest.mark.skipif(os.name != "posix", reason="a shell script")


def locked(name: str) -> dict[str, str]:
    """Package → version of one lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize(
    ("version", "fits"),
    [((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False), ((2, 7), False)],
)
def test_python_range(version: tuple[int, int], fits: bool) -> None:
    assert bootstrap.python_fits(version) is fits


def test_python_range_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.15"
    for name in ("bootstrap.sh", "bootstrap.cmd"):
        text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
        assert "(3, 11) <= sys.version_info[:2] <= (3, 14)" in text


@pytest.mark.parametrize(
    ("system", "machine"), [("Darwin", "x86_64"), ("Windows", "ARM64"), ("Windows", "arm64")]
)
def test_machines_without_torch_are_told(system: str, machine: str) -> None:
    with pytest.raises(bootstrap.Stop, match="no build of torch"):
        bootstrap.check_machine(system, machine, (3, 12))


def test_an_old_python_is_named() -> None:
    with pytest.raises(bootstrap.Stop, match=r"3\.11 to 3\.14; this is Python 3\.10"):
        bootstrap.check_machine("Linux", "x86_64", (3, 10))
    bootstrap.check_machine("Linux", "x86_64", (3, 11))


def test_torch_is_the_small_build_only_where_it_is_another_one() -> None:
    assert bootstrap.torch_choice("Linux", False).endswith("+cpu")
    for system, has_nvidia in [("Linux", True), ("Darwin", False), ("Windows", False)]:
        assert "+" not in bootstrap.torch_choice(system, has_nvidia)


def test_torch_is_the_declared_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"torch=={bootstrap.TORCH}" in project["dependencies"]
    assert "torch" not in locked(bootstrap.LOCKS["run"])


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {"run": project["dependencies"], "test": project["optional-dependencies"]["test"]}
    for verb, lines in asked.items():
        versions = locked(bootstrap.LOCKS[verb])
        for requirement in map(Requirement, lines):
            if requirement.name != "torch":
                assert versions[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_locks_agree_and_name_no_host() -> None:
    run, test = (locked(bootstrap.LOCKS[verb]) for verb in ("run", "test"))
    assert run.items() <= test.items()
    assert {"pyside6-essentials", "numpy", "sqlite-utils"} <= run.keys()
    assert {"pytest", "mypy", "ruff"} <= test.keys() - run.keys()
    for name in bootstrap.LOCKS.values():
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@on_linux
def test_missing_libraries_become_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = {"libc.so.6": "libc6", "libnobody-has-this.so.7": "libnobody7"}
    monkeypatch.setattr(bootstrap, "LIBRARIES", libraries)
    assert bootstrap.missing_on_linux("run") == {"libnobody-has-this.so.7": "libnobody7"}
    monkeypatch.setattr(bootstrap, "TEST_PROGRAMS", {"sh": "dash", "no-such-program": "nsp"})
    assert bootstrap.missing_on_linux("test").items() >= {"no-such-program": "nsp"}.items()


@on_linux
def test_without_root_the_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "as_root", lambda command: None)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(bootstrap.Stop, match="sudo apt-get install libgl1 libportaudio2"):
        bootstrap.install_system_packages(
            {"libportaudio.so.2": "libportaudio2", "libGL.so.1": "libgl1"}
        )


@on_linux
def test_without_apt_the_libraries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.Stop, match=r"package manager: libGL\.so\.1"):
        bootstrap.install_system_packages({"libGL.so.1": "libgl1"})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the files that the stamp looks at."""
    for name in ("pyproject.toml", *bootstrap.LOCKS.values()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    return tmp_path


def test_stamp(project: Path) -> None:
    stamp = project / "stamp.json"

    def ready(verb: str, version: tuple[int, int] = (3, 11), torch: str = "torch==1") -> bool:
        wanted = bootstrap.wanted_stamp(verb, version, torch, project)
        return bool(bootstrap.stamp_says_ready(wanted, stamp))

    def install(verb: str) -> None:
        wanted = bootstrap.wanted_stamp(verb, (3, 11), "torch==1", project)
        stamp.write_text(json.dumps(wanted), encoding="utf-8")

    assert not ready("run")
    install("run")
    assert ready("run")
    assert not ready("test"), "pytest is not there yet"
    install("test")
    assert ready("run"), "the tests' packages hold the program's"
    assert ready("test")
    assert not ready("run", version=(3, 12))
    assert not ready("run", torch="torch==2")

    (project / bootstrap.LOCKS["test"]).write_text("newer", encoding="utf-8")
    assert ready("run")
    assert not ready("test")
    stamp.write_text("{ half", encoding="utf-8")
    assert not ready("run")


def test_a_broken_environment_is_seen(tmp_path: Path) -> None:
    assert bootstrap.version_inside(tmp_path / "nothing") is None
    python = bootstrap.venv_python(tmp_path)
    python.parent.mkdir()
    python.write_text("not a program")
    python.chmod(0o755)
    assert bootstrap.version_inside(tmp_path) is None
    assert bootstrap.version_inside(Path(sys.prefix)) == sys.version_info[:2]


@on_posix
def test_a_killed_step_leaves_its_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "UNFINISHED", tmp_path / "unfinished")
    with bootstrap._marked_unfinished(tmp_path):
        assert bootstrap.UNFINISHED.exists()
    assert not bootstrap.UNFINISHED.exists()

    def stopped_in_the_middle() -> None:
        with bootstrap._marked_unfinished(tmp_path):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_in_the_middle()
    assert bootstrap.UNFINISHED.exists()


@on_linux
def test_the_private_screen_comes_and_goes() -> None:
    if not (shutil.which("Xvfb") and shutil.which("openbox")):
        pytest.skip("packaging/test brings these")
    with bootstrap.private_screen(os.environ) as display:
        socket = Path("/tmp/.X11-unix") / f"X{display[1:]}"
        assert socket.exists()
    assert not socket.exists()


@on_posix
@pytest.mark.parametrize("verb", ["run", "test"])
def test_the_command_finds_a_python(verb: str, tmp_path: Path) -> None:
    """Called through the shell from a copy, where bootstrap.py only shows what reached it."""
    packaging = tmp_path / "a folder" / "packaging"
    packaging.mkdir(parents=True)
    for name in (verb, "bootstrap.sh"):
        shutil.copy(ROOT / "packaging" / name, packaging)
    (packaging / "bootstrap.py").write_text("import sys; print(sys.argv[1:])", encoding="utf-8")
    done = subprocess.run(
        [packaging / verb, "-k", "two words"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"['{verb}', '-k', 'two words']"


def test_without_a_verb_it_explains_itself() -> None:
    script = ROOT / "packaging" / "bootstrap.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "bootstrap.py run" in done.stdout
