"""Set up whatever is missing, then run Sliders Desktop or test it.

    bootstrap.py run [arguments for the program]
    bootstrap.py test [arguments for pytest]
    bootstrap.py libraries     only prints the Debian packages that 'run' needs

`packaging/run` and `packaging/test` find a Python and call this file, which uses only Python's own
library. It checks the system's libraries, makes `.venv` beside the project's sources, installs the
locked packages, torch and the project into it, and starts the program or pytest from there.
A stamp in `.venv` remembers what was installed, so that the next start costs only the check.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "sliders-desktop.json"
# Lies there while pip or venv write: found at a start, the one before was broken off in the middle.
UNFINISHED = VENV / "unfinished"

OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 14)

LOCKS = {"run": "packaging/requirements.lock", "test": "packaging/requirements-test.lock"}

TORCH = "2.13.0"
# On Linux the build for the processor alone, 190 MB instead of some GB, lies only here.
# The configured package sources are asked first.
TORCH_INDEX = os.environ.get("SLIDERS_DESKTOP_TORCH_INDEX", "https://download.pytorch.org/whl/cpu")

SPACE_NEEDED_GB = 3

# What Linux must have: shared library → Debian package. The wheels bring everything else.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libportaudio.so.2": "libportaudio2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
# What the tests use besides: a screen, a window manager, a sound server and a message bus of
# their own. Program → Debian package.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "pulseaudio": "pulseaudio",
    "parec": "pulseaudio-utils",
    "dbus-run-session": "dbus",
}
# The bridge by which PortAudio reaches PulseAudio; a plug-in, so it is looked for as a file.
ALSA_TO_PULSE = ("libasound_module_pcm_pulse.so", "libasound2-plugins")


class Stop(Exception):
    """Nothing more can be done here; the text says what the person can do."""


def say(sentence: str) -> None:
    """Tell the person what is going on, before the long step starts."""
    print(f"[sliders] {sentence}", flush=True)


# ── The machine ──────────────────────────────────────────────────────────────────────────────────


def python_fits(version: tuple[int, int]) -> bool:
    """Whether wheels of all locked packages exist for this Python."""
    return OLDEST_PYTHON <= version <= NEWEST_PYTHON


def check_machine(system: str, machine: str, version: tuple[int, int]) -> None:
    """Stop where torch or the locked packages have no build at all."""
    if not python_fits(version):
        oldest, newest = (".".join(map(str, v)) for v in (OLDEST_PYTHON, NEWEST_PYTHON))
        found = ".".join(map(str, version))
        raise Stop(f"Sliders Desktop needs Python {oldest} to {newest}; this is Python {found}.")
    if (system, machine.lower()) in {("Darwin", "x86_64"), ("Windows", "arm64")}:
        raise Stop(f"There is no build of torch for {system} on {machine}, so it cannot run here.")


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _has_alsa_plugin(name: str) -> bool:
    patterns = (f"alsa-lib/{name}", f"*/alsa-lib/{name}")
    folders = (Path("/usr/lib"), Path("/usr/lib64"))
    return any(any(folder.glob(pattern)) for folder in folders for pattern in patterns)


def missing_on_linux(verb: str) -> dict[str, str]:
    """What this Linux lacks for ``run`` or ``test``: library or program → Debian package."""
    missing = {name: package for name, package in LIBRARIES.items() if not _loads(name)}
    if verb == "test":
        missing |= {name: pkg for name, pkg in TEST_PROGRAMS.items() if not shutil.which(name)}
        plugin, package = ALSA_TO_PULSE
        if not _has_alsa_plugin(plugin):
            missing[plugin] = package
    return missing


def as_root(command: Sequence[str]) -> list[str] | None:
    """``command`` with what it takes to run it as root without a question, or None."""
    if os.geteuid() == 0:
        return list(command)
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["sudo", "-n", *command]
    return None


def install_system_packages(missing: Mapping[str, str]) -> None:
    """Install by apt what is missing, or stop with the line that does it."""
    packages = sorted(set(missing.values()))
    if not shutil.which("apt-get"):
        names = ", ".join(sorted(missing))
        raise Stop(f"Please install these with your system's package manager: {names}.")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    command = as_root(["env", "DEBIAN_FRONTEND=noninteractive", *install])
    if command is None:
        raise Stop(
            "Some system packages are missing. Please run this line, then start again:\n"
            f"    sudo apt-get install {' '.join(packages)}"
        )
    say(f"Installing system packages: {', '.join(packages)}.")
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0:
        return
    say("The list of packages may be old: fetching a new one.")
    subprocess.run(as_root(["apt-get", "update"]) or [], stdin=subprocess.DEVNULL, check=False)
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise Stop("The system packages could not be installed; apt says why above.")


# ── The environment in .venv ─────────────────────────────────────────────────────────────────────


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter inside ``venv``."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_inside(venv: Path = VENV) -> tuple[int, int] | None:
    """The Python version of a ``venv`` that works and has pip, else None."""
    program = "import sys, pip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [venv_python(venv), "-c", program], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)


def torch_choice(system: str, has_nvidia: bool) -> str:
    """The requirement for torch: on Linux without an NVIDIA driver the processor's build.

    A ``+cpu`` pin can never fall into the CUDA build; elsewhere the plain one is already right.
    """
    return f"torch=={TORCH}+cpu" if system == "Linux" and not has_nvidia else f"torch=={TORCH}"


def wanted_stamp(
    verb: str, version: tuple[int, int], torch: str, root: Path = ROOT
) -> dict[str, str]:
    """What must have been installed for ``verb``; tests need all that the program needs."""
    files = ["pyproject.toml", LOCKS["run"], *([LOCKS["test"]] if verb == "test" else [])]
    digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files}
    return {"project": str(root), "python": ".".join(map(str, version)), "torch": torch, **digests}


def stamp_says_ready(wanted: Mapping[str, str], stamp: Path = STAMP) -> bool:
    """Whether the last installation made all that is wanted (it may have made more)."""
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and wanted.items() <= found.items()


@contextmanager
def _marked_unfinished(venv: Path) -> Iterator[None]:
    """Leave a mark where the step within is killed; a step that fails by itself takes it away."""
    mark = venv / UNFINISHED.name
    venv.mkdir(parents=True, exist_ok=True)
    mark.touch()
    yield
    mark.unlink(missing_ok=True)


def make_venv(venv: Path | None = None) -> None:
    """Make ``venv``, usually `.venv`, new, in place of whatever is there."""
    venv = venv or VENV
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < SPACE_NEEDED_GB:
        raise Stop(f"About {SPACE_NEEDED_GB} GB of free disk are needed; there are {free_gb:.1f}.")
    say(f"Making a Python environment in {venv.relative_to(ROOT)}.")
    if venv.exists():
        shutil.rmtree(venv)
    with _marked_unfinished(venv):
        made = subprocess.run([sys.executable, "-m", "venv", venv], check=False)
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise Stop("Python could not make an environment; on Debian it needs python3-venv.")


def plain_environment() -> dict[str, str]:
    """This process's variables, less those that bend another Python's search for packages."""
    bending = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in os.environ.items() if name not in bending}


def pip(*arguments: str | Path, quiet_errors: bool = False, venv: Path | None = None) -> bool:
    """Run pip inside ``venv``, usually `.venv`; True if it succeeded.

    Its downloads are kept inside the project until everything is installed, so that a set-up that
    was broken off goes on where it was.
    """
    environment = plain_environment()
    environment.setdefault("PIP_CACHE_DIR", str(ROOT / ".cache" / "pip"))
    venv = venv or VENV
    with _marked_unfinished(venv):
        done = subprocess.run(
            [
                venv_python(venv),
                "-m",
                "pip",
                "--disable-pip-version-check",
                "--no-input",
                *arguments,
            ],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if quiet_errors else None,
            check=False,
        )
    return done.returncode == 0


def install_packages(locks: Sequence[str], torch: str, venv: Path | None = None) -> None:
    """Bring ``venv`` to what ``locks`` say, and ``torch``; what is there already stays as it is."""
    say("Installing the locked packages (about 350 MB the first time).")
    wanted = [part for lock in locks for part in ("-r", lock)]
    if not pip("install", "--only-binary", ":all:", "--require-hashes", *wanted, venv=venv):
        raise Stop("The packages could not be installed; pip says why above.")

    say(f"Installing {torch} (200 MB or more the first time).")
    if torch.endswith("+cpu"):
        # Its own needs are in the lock. The first try may fail quietly: the second source is known.
        only_torch = ("install", "--only-binary", ":all:", "--no-deps", torch)
        installed = pip(*only_torch, quiet_errors=True, venv=venv) or pip(
            *only_torch, "--extra-index-url", TORCH_INDEX, venv=venv
        )
    else:
        installed = pip("install", "--only-binary", ":all:", torch, venv=venv)
    if not installed:
        raise Stop("torch could not be installed; pip says why above.")


def install(verb: str, torch: str) -> None:
    """Bring `.venv` to what the locks say, and put the project itself beside it."""
    STAMP.unlink(missing_ok=True)
    install_packages([LOCKS[verb]], torch)

    # Quiet at first: setuptools warns at length of what an editable installation is.
    project = ("install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT)
    if not (pip(*project, quiet_errors=True) or pip(*project)):
        raise Stop("The project itself could not be installed; pip says why above.")


def prepare(verb: str) -> None:
    """Everything that must be there before ``verb`` can start."""
    system = platform.system()
    check_machine(system, platform.machine(), sys.version_info[:2])
    if system == "Linux" and (missing := missing_on_linux(verb)):
        install_system_packages(missing)

    torch = torch_choice(system, Path("/proc/driver/nvidia/version").exists())
    version = version_inside()
    if version is None or not python_fits(version) or UNFINISHED.exists():
        if VENV.exists():
            say("The environment in .venv is broken or half-made.")
        make_venv()
        version = sys.version_info[:2]
    wanted = wanted_stamp(verb, version, torch)
    if stamp_says_ready(wanted):
        return
    began = time.monotonic()
    install(verb, torch)
    STAMP.write_text(json.dumps(wanted, indent=2), encoding="utf-8")
    shutil.rmtree(ROOT / ".cache" / "pip", ignore_errors=True)
    say(f"Everything is installed, in {time.monotonic() - began:.0f} s.")


# ── Run, test ────────────────────────────────────────────────────────────────────────────────────


def run_program(arguments: Sequence[str]) -> int:
    """Start the program where the person stands, so that relative folders mean what they say."""
    # -P: a stray numpy.py in that folder must not be taken for the real one.
    command = [str(venv_python()), "-P", "-m", "sliders_desktop", *arguments]
    if os.name != "nt":
        os.execve(command[0], command, plain_environment())
    return subprocess.run(command, env=plain_environment(), check=False).returncode


@contextmanager
def private_screen(environment: Mapping[str, str]) -> Iterator[str]:
    """An X server without a monitor, and a window manager so that windows get the focus.

    Yields the value for ``DISPLAY``. The server chooses a free number itself.
    """
    reading, writing = os.pipe()
    xvfb = f"Xvfb -displayfd {writing} -screen 0 1600x1000x24 -nolisten tcp -noreset"
    server = subprocess.Popen(xvfb.split(), pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    if not number:
        raise Stop("The private screen (Xvfb) did not start.")
    display = f":{number}"
    manager = subprocess.Popen(
        ["openbox", "--sm-disable"],
        env={**environment, "DISPLAY": display},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield display
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


def run_tests(arguments: Sequence[str]) -> int:
    """pytest in the project's folder; on Linux with a screen, a bus and user folders of its own.

    The tests cannot reach the listener's library, desktop or settings, and leave nothing behind.
    """
    pytest = [str(venv_python()), "-m", "pytest", *arguments]
    environment = plain_environment()
    if platform.system() != "Linux":
        return subprocess.run(pytest, cwd=ROOT, env=environment, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="sliders-", ignore_cleanup_errors=True) as scratch:
        for variable in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            environment.pop(variable, None)
        environment |= {"TMPDIR": scratch, "XDG_CACHE_HOME": str(ROOT / ".cache")}
        for variable in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
            folder = Path(scratch) / variable[4:].lower()
            folder.mkdir(mode=0o700)
            environment[variable] = str(folder)
        with private_screen(environment) as display:
            environment["DISPLAY"] = display
            bus = ["dbus-run-session", "--"]
            return subprocess.run(
                [*bus, *pytest], cwd=ROOT, env=environment, check=False
            ).returncode


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument says; the rest belongs to the program or to pytest."""
    match arguments:
        case ["run", *rest]:
            start = run_program
        case ["test", *rest]:
            start = run_tests
        case ["libraries"]:
            print(*sorted(set(LIBRARIES.values())))
            return 0
        case _:
            print(__doc__)
            return 2
    try:
        prepare(arguments[0])
        return start(rest)
    except Stop as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
