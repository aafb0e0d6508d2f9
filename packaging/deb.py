"""The Debian package of a frozen folder.

deb.py FOLDER SHARE OUT     FOLDER: the frozen program, SHARE: what linux_share.py wrote
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from email.utils import formatdate
from pathlib import Path

import linux_needs
from notices import ROOT, our_version

HERE = Path(__file__).resolve().parent
HOME = Path("usr/lib/sliders-desktop")
MAINTAINER = os.environ.get(
    "SLIDERS_MAINTAINER", "The Sliders Desktop authors <sliders@sliders.invalid>"
)
CONTROL = """\
Package: sliders-desktop
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: {recommends}
Section: sound
Priority: optional
Description: music player that learns what your words mean
 Invent a word, such as "rainy night", rate a handful of tracks on it while
 you listen, and Sliders learns what the word means in your ears. It finds
 that in all of your music, colours a map of it, and lets the word steer
 what plays next.
 .
 Everything happens on this computer: no server, no account. Music is only
 read, never changed. The package is complete and downloads nothing.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Sliders Desktop
Comment: The package carries the work of many others. THIRD-PARTY.txt.gz, beside
 this file, names all of it with its licences in full; sbom.cdx.json.gz is the
 same list for programs. Libraries under the LGPL are separate files below
 /usr/lib/sliders-desktop/_internal and may be replaced.

Files: *
Copyright: 2026 The Sliders Desktop authors and others
License: GPL-3+
 As a whole the package may be passed on under the GNU General Public License,
 version 3 or later: see /usr/share/common-licenses/GPL-3.

Files: usr/lib/sliders-desktop/_internal/models/* usr/lib/sliders-desktop/_internal/resources/*
Copyright: 2026 The Sliders Desktop authors
License: Expat
{mit}
"""


def version() -> str:
    """As Debian compares it; the last part counts builds of one version."""
    return f"{our_version()}-{os.environ.get('SLIDERS_DEB_REVISION', '1')}"


def file_name() -> str:
    """What the package's file is called."""
    return f"sliders-desktop_{version()}_{architecture()}.deb"


def architecture() -> str:
    """This machine's, as Debian calls it."""
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


def lay_out(folder: Path, share: Path, root: Path) -> None:
    """Fill ``root``; the program's files are linked, not copied."""
    if root.exists():
        shutil.rmtree(root)
    (root / HOME).parent.mkdir(parents=True)
    shutil.copytree(folder, root / HOME, symlinks=True, copy_function=os.link)
    # Updates of a package come from where it came from: the program must not look for them.
    (root / HOME / "_internal" / "resources" / "build.json").unlink(missing_ok=True)
    shutil.copytree(share, root / "usr" / "share")
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "sliders-desktop").symlink_to("../lib/sliders-desktop/sliders-desktop")
    doc = root / "usr" / "share" / "doc" / "sliders-desktop"
    mit = (ROOT / "LICENSE").read_text(encoding="utf-8").strip().splitlines()
    indented = "\n".join(f" {line}" if line.strip() else " ." for line in mit)
    (doc / "copyright").write_text(COPYRIGHT.format(mit=indented), encoding="utf-8")
    when = formatdate(float(os.environ.get("SOURCE_DATE_EPOCH", 0)) or None)
    changes = (
        f"sliders-desktop ({version()}) stable; urgency=medium\n\n"
        f"  * What is new for listeners: NEWS.gz.\n\n"
        f" -- {MAINTAINER}  {when.replace('-0000', '+0000')}\n"
    )
    (doc / "changelog.Debian.gz").write_bytes(gzip.compress(changes.encode(), 9, mtime=0))
    news = (ROOT / "resources" / "CHANGELOG.md").read_bytes()
    (doc / "NEWS.gz").write_bytes(gzip.compress(news, 9, mtime=0))
    overrides = root / "usr" / "share" / "lintian" / "overrides" / "sliders-desktop"
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(HERE / "linux" / "lintian-overrides", overrides)
    _set_modes(root)


def _set_modes(root: Path) -> None:
    """Folders and programs 755, other files 644, whatever the builder's umask is."""
    programs = {root / HOME / "sliders-desktop"}
    for path in root.rglob("*"):
        if path.is_symlink():
            continue
        runs = path.is_dir() or path in programs or path.name == "torch_shm_manager"
        path.chmod(0o755 if runs else 0o644)


def build(folder: Path, share: Path, out: Path) -> Path:
    """Write the package into the folder ``out``; raises `SystemExit` for an unknown library."""
    files = linux_needs.elf_files(folder)
    sonames = linux_needs.from_outside(files)
    if strange := linux_needs.unknown(sonames):
        raise SystemExit(f"No package is known that brings {', '.join(strange)}: linux_needs.py")
    depends, recommends = linux_needs.debian_packages(sonames, linux_needs.glibc_needed(files))
    root = out / "deb-root"
    lay_out(folder, share, root)
    used = sum(f.lstat().st_size for f in root.rglob("*") if f.is_file() and not f.is_symlink())
    text = CONTROL.format(
        version=version(), architecture=architecture(), maintainer=MAINTAINER,
        kilobytes=-(-used // 1024), depends=", ".join(depends), recommends=", ".join(recommends),
    )  # fmt: skip
    (root / "DEBIAN").mkdir(mode=0o755)
    (root / "DEBIAN" / "control").write_text(text, encoding="utf-8")
    package = out / file_name()
    # xz is what every dpkg reads; two threads, as the memory of small builders allows.
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", root, package],
        env={**os.environ, "DPKG_DEB_THREADS_MAX": "2"},
        check=True,
    )
    shutil.rmtree(root)
    return package


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
