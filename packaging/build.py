"""Build and try the installers of this system, in one command; needs nothing but a Python.

    build.py [--until STEP] [--from STEP] [--releases ADDRESS] [--install]

The steps, in order: environment, freeze, smoke, package, try, sums. All happens in build/, what
comes out lies in dist/. --releases is where the program may ask, if its listener agrees, which
version is the newest; without it the program has no such question. --install puts the package on
this machine, tries it there and takes it off again; without it the package is unpacked beside.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bootstrap
from bootstrap import ROOT, Stop, say

HERE = Path(__file__).resolve().parent
BUILD = ROOT / "build"
VENV = BUILD / "venv"
FROZEN = BUILD / "frozen" / "sliders-desktop"
ICONS, NOTICES, EXTRA, SHARE = (BUILD / name for name in ("icons", "notices", "extra", "share"))
OUT = ROOT / "dist"
LOCKS = ("packaging/requirements.lock", "packaging/requirements-build.lock")
SMOKE_LIMIT_S = 300
LEAST_SOUND_BYTES = 44 + 48_000 * 4  # a second of what is heard, at the rate of the demo


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    releases: str
    install: bool


def run(*command: str | Path, **more: object) -> None:
    """Run a command; its failure ends the build."""
    done = subprocess.run([str(word) for word in command], check=False, **more)  # type: ignore[call-overload]
    if done.returncode != 0:
        raise Stop(f"{Path(command[0]).name} failed with {done.returncode}.")


def day() -> str:
    """The day of the build, or of SOURCE_DATE_EPOCH, as 2026-11-28."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return moment.strftime("%Y-%m-%d")


def version() -> str:
    """The program's version, from the only place where it is written."""
    text = (ROOT / "sliders_desktop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found is not None
    return found.group(1)


# ── The steps ────────────────────────────────────────────────────────────────────────────────────


def environment(plan: Plan) -> None:
    """An environment with what the locks name, and torch for the processor alone."""
    bootstrap.check_machine(platform.system(), platform.machine(), sys.version_info[:2])
    if bootstrap.version_inside(VENV) is None:
        bootstrap.make_venv(VENV)
    torch = bootstrap.torch_choice(platform.system(), has_nvidia=False)
    bootstrap.install_packages(LOCKS, torch, VENV)


def freeze(plan: Plan) -> None:
    """Draw the icons, gather the notices, freeze."""
    python = bootstrap.venv_python(VENV)
    for folder in (ICONS, NOTICES, EXTRA, FROZEN.parent):
        shutil.rmtree(folder, ignore_errors=True)
    run(python, HERE / "icons.py", ICONS)
    run(python, HERE / "notices.py", NOTICES)
    EXTRA.mkdir(parents=True)
    shutil.copyfile(NOTICES / "THIRD-PARTY.txt", EXTRA / "THIRD-PARTY.txt")
    about = {"releases": plan.releases} if plan.releases else {}
    (EXTRA / "build.json").write_text(json.dumps(about), encoding="utf-8")
    if sys.platform == "win32":
        run(python, HERE / "windows_version.py", ICONS / "version.txt")
    settings = bootstrap.plain_environment() | {
        "SLIDERS_ICONS": str(ICONS),
        "SLIDERS_EXTRA_RESOURCES": str(EXTRA),
        "PYTHONHASHSEED": "0",  # the archive lists modules in the same order each time
    }
    run(
        python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", FROZEN.parent, "--workpath", BUILD / "pyinstaller",
        HERE / "freezing" / "sliders.spec",
        env=settings, cwd=ROOT,
    )  # fmt: skip
    if sys.platform == "linux":
        _strip()


def _strip() -> None:
    """Take the linker's tables out of the two largest libraries: 108 MB that nothing reads.

    Only those: of libraries that were patched for their wheel, strip makes broken ones.
    """
    inside = FROZEN / "_internal"
    for pattern in ("torch/lib/libtorch_cpu.so", "llvmlite/binding/libllvmlite.so", "libpython*"):
        for library in inside.glob(pattern):
            run("strip", "--strip-unneeded", library)


def smoke(plan: Plan) -> None:
    """Use the frozen program once."""
    try_program(program_in(FROZEN))


def package(plan: Plan) -> None:
    """Make what listeners get on this system."""
    OUT.mkdir(exist_ok=True)
    python = bootstrap.venv_python(VENV)
    if sys.platform == "linux":
        shutil.rmtree(SHARE, ignore_errors=True)
        run(python, HERE / "tar.py", FROZEN, SHARE, ICONS, NOTICES, day(), OUT)
        run(python, HERE / "deb.py", FROZEN, SHARE, OUT)
    elif sys.platform == "win32":
        for program in FROZEN.glob("*.exe"):
            sign_on_windows(program)
        run(
            "makensis", "/V2", f"/DVERSION={version()}", f"/DFOLDER={FROZEN}",
            f"/DOUT={installer()}", f"/DICON={ICONS / 'sliders.ico'}",
            HERE / "windows" / "sliders.nsi",
        )  # fmt: skip
        sign_on_windows(installer())
    else:
        run(HERE / "macos" / "dmg.sh", FROZEN.parent / "Sliders.app", installer())
    shutil.copyfile(NOTICES / "sbom.cdx.json", OUT / f"sliders-desktop-{version()}.sbom.cdx.json")


def sign_on_windows(file: Path) -> None:
    """Sign with the certificate that SLIDERS_PFX names; without one Windows warns its user."""
    certificate = os.environ.get("SLIDERS_PFX")
    if not certificate:
        return
    kits = Path("C:/Program Files (x86)/Windows Kits/10/bin")
    tools = [shutil.which("signtool"), *sorted(kits.glob("10.*/x64/signtool.exe"), reverse=True)]
    tool = next((found for found in tools if found), None)
    if tool is None:
        raise Stop("signtool is missing; it comes with the Windows SDK.")
    run(
        tool, "sign", "/q", "/fd", "SHA256", "/td", "SHA256",
        "/tr", "http://timestamp.digicert.com",
        "/f", certificate, "/p", os.environ.get("SLIDERS_PFX_PASSWORD", ""), file,
    )  # fmt: skip


def installer() -> Path:
    """The file for listeners."""
    names = {
        "win32": f"Sliders-{version()}-setup.exe",
        "darwin": f"Sliders-{version()}-arm64.dmg",
    }
    if sys.platform in names:
        return OUT / names[sys.platform]
    return max(OUT.glob(f"sliders-desktop_{version()}*.deb"), key=lambda file: file.stat().st_mtime)


def try_installed(plan: Plan) -> None:
    """Install, use once, uninstall; without --install unpacked where the name is difficult."""
    with tempfile.TemporaryDirectory(prefix="sliders-") as scratch:
        place = Path(scratch) / "ein Ordner – ünd “so”"
        place.mkdir()
        with _installed(plan, place) as program:
            try_program(program)


@contextmanager
def _installed(plan: Plan, place: Path) -> Iterator[Path]:
    if sys.platform == "linux" and not plan.install:
        run("dpkg-deb", "-x", installer(), place)
        yield program_in(place / "usr" / "lib" / "sliders-desktop")
    elif sys.platform == "linux":
        root = [] if os.geteuid() == 0 else ["sudo"]
        run(*root, "apt-get", "install", "-y", "--no-install-recommends", installer())
        yield Path("/usr/bin/sliders-desktop")
        run(*root, "apt-get", "purge", "-y", "sliders-desktop")
        if Path("/usr/lib/sliders-desktop").exists():
            raise Stop("Something is left of the program after it was removed.")
    elif sys.platform == "win32":
        home = place / "Sliders"
        run(installer(), "/S", f"/D={home}")  # NSIS wants /D last and without quotation marks
        yield program_in(home)
        run(home / "Uninstall.exe", "/S", f"_?={home}")
        if (home / "_internal").exists():
            raise Stop("Something is left of the program after it was removed.")
    else:
        mount = place / "image"
        run("hdiutil", "attach", installer(), "-nobrowse", "-readonly", "-mountpoint", mount)
        try:
            yield mount / "Sliders.app" / "Contents" / "MacOS" / "sliders-desktop"
        finally:
            run("hdiutil", "detach", mount)


def sums(plan: Plan) -> None:
    """SHA256SUMS of all that lies in dist/."""
    lines = []
    for file in sorted(OUT.iterdir()):
        if file.is_file() and file.name != "SHA256SUMS":
            with file.open("rb") as opened:
                lines.append(f"{hashlib.file_digest(opened, 'sha256').hexdigest()}  {file.name}\n")
    (OUT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


# ── Trying ───────────────────────────────────────────────────────────────────────────────────────


def program_in(folder: Path) -> Path:
    """The program inside a frozen folder."""
    if sys.platform == "win32":
        return folder / "sliders-desktop.exe"
    if sys.platform == "darwin":
        return folder.parent / "Sliders.app" / "Contents" / "MacOS" / "sliders-desktop"
    return folder / "sliders-desktop"


def try_program(program: Path) -> None:
    """The smoke test: exit 0, a second of sound in the file, and not a word said."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sliders-") as scratch:
        wave = Path(scratch) / "heard.wav"
        done = subprocess.run(
            [program, "--temp-home", "--demo", "--sink", f"wav:{wave}", "--smoke-test"],
            env=trial_environment(),
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SMOKE_LIMIT_S,
            check=False,
        )
        said = done.stdout.decode(errors="replace").strip()
        if done.returncode != 0 or said:
            raise Stop(f"The program failed its test with {done.returncode}: {said}")
        if wave.stat().st_size < LEAST_SOUND_BYTES:
            raise Stop("The program wrote less than a second of sound.")
    say(f"The program in {program.parent} works; tried in {time.monotonic() - began:.0f} s.")


def trial_environment() -> dict[str, str]:
    """Of this process's variables what a listener would have, and no screen where there is none."""
    environment = bootstrap.plain_environment()
    screen = {"DISPLAY", "WAYLAND_DISPLAY"} & environment.keys()
    if sys.platform == "linux" and not screen:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    return environment


STEPS: dict[str, Callable[[Plan], None]] = {
    "environment": environment,
    "freeze": freeze,
    "smoke": smoke,
    "package": package,
    "try": try_installed,
    "sums": sums,
}


def main(arguments: Sequence[str]) -> int:
    """Run the steps and say how long each took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(STEPS)
    parser.add_argument("--from", dest="first", choices=names, default=names[0])
    parser.add_argument("--until", dest="last", choices=names, default=names[-1])
    parser.add_argument("--releases", default=os.environ.get("SLIDERS_DESKTOP_RELEASES", ""))
    parser.add_argument("--install", action="store_true")
    args = parser.parse_args(arguments)
    plan = Plan(args.releases, args.install)
    began = time.monotonic()
    try:
        for name in names[names.index(args.first) : names.index(args.last) + 1]:
            say(f"Step {name}.")
            started = time.monotonic()
            STEPS[name](plan)
            say(f"Step {name} took {time.monotonic() - started:.0f} s.")
    except Stop as reason:
        say(str(reason))
        return 1
    say(f"All done in {(time.monotonic() - began) / 60:.1f} min; the result is in {OUT}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
