"""Which libraries of the system the frozen folder uses, and which Debian packages bring them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bootstrap import LIBRARIES

GLIBC = re.compile(r"^(ld-linux[\w.-]*|lib(c|m|dl|rt|pthread|util|resolv|anl|nsl|mvec))\.so\.\d+$")
# Besides those that packaging/run looks for, which are needed without being linked, too.
_PACKAGES = {
    **LIBRARIES,
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libz.so.1": "zlib1g",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXau.so.6": "libxau6",
    "libXdmcp.so.6": "libxdmcp6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libfreetype.so.6": "libfreetype6",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libpulse.so.0": "libpulse0",
    "libOpenGL.so.0": "libopengl0",
    "libGLX.so.0": "libglx0",
    "libdrm.so.2": "libdrm2",
    "libgbm.so.1": "libgbm1",
    "libudev.so.1": "libudev1",
    "libmd.so.0": "libmd0",
    "libbsd.so.0": "libbsd0",
    "libuuid.so.1": "libuuid1",
    "libexpat.so.1": "libexpat1",
    "libpng16.so.16": "libpng16-16",
}
# Debian 13 and Ubuntu 24.04 gave these another name.
_ALSO_CALLED = {"libglib2.0-0": "libglib2.0-0t64", "libpng16-16": "libpng16-16t64"}
# Without these the program starts all the same, on the screen that is there.
_RECOMMENDED = {"libwayland-cursor0", "libwayland-client0", "libwayland-egl1", "libpulse0"}


def elf_files(folder: Path) -> list[Path]:
    """Programs and libraries in ``folder``."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as opened:
                if opened.read(4) == b"\x7fELF":
                    found.append(file)
    return found


def _readelf(option: str, files: Iterable[Path]) -> str:
    done = subprocess.run(
        ["readelf", option, "-W", *files], capture_output=True, text=True, check=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return done.stdout


def from_outside(files: list[Path]) -> set[str]:
    """Sonames that ``files`` want and none of them is."""
    text = _readelf("-d", files)
    wanted = set(re.findall(r"\(NEEDED\).*\[(.*)\]", text))
    own = set(re.findall(r"\(SONAME\).*\[(.*)\]", text)) | {file.name for file in files}
    return wanted - own


def glibc_needed(files: list[Path]) -> str:
    """The oldest glibc that has all that ``files`` ask of it, as “2.28”."""
    versions = set(re.findall(r"Name: GLIBC_(\d+)\.(\d+)", _readelf("-V", files)))
    major, minor = max((int(major), int(minor)) for major, minor in versions)
    return f"{major}.{minor}"


def unknown(sonames: Iterable[str]) -> list[str]:
    """Libraries that no table names: the folder must bring them, or the table the package."""
    return sorted(name for name in sonames if name not in _PACKAGES and not GLIBC.match(name))


def debian_packages(sonames: Iterable[str], glibc: str) -> tuple[list[str], list[str]]:
    """Fields Depends and Recommends for a folder that wants ``sonames``."""
    wanted = {_PACKAGES[name] for name in sonames if name in _PACKAGES} | set(LIBRARIES.values())
    recommended = {name for name in wanted if name in _RECOMMENDED}
    depends = [f"libc6 (>= {glibc})", *map(_by_any_name, sorted(wanted - recommended))]
    return depends, [*map(_by_any_name, sorted(recommended))]


def _by_any_name(package: str) -> str:
    also = _ALSO_CALLED.get(package)
    return f"{also} | {package}" if also else package


def missing_script() -> str:
    """A shell script that prints which libraries this system lacks (--packages: as packages)."""
    pairs = " ".join(f"{name}={package}" for name, package in sorted(_PACKAGES.items()))
    return f"""#!/bin/sh
# Prints the libraries that Sliders needs and this system lacks; --packages: as Debian packages.
there=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null) || exit 0
for pair in {pairs}; do
    case $there in
        *"${{pair%%=*}} "*) ;;
        *) [ "${{1:-}}" = --packages ] && echo "${{pair#*=}}" || echo "${{pair%%=*}}" ;;
    esac
done | sort -u | tr '\\n' ' '
"""
