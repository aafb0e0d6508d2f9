"""The frozen folder as a tar that needs no root, with a script that puts it into the menu.

tar.py FROZEN SHARE ICONS NOTICES DAY OUT     writes SHARE, too
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import linux_needs
import linux_share
from notices import our_version

HERE = Path(__file__).resolve().parent
README = """\
Sliders {version}

./install.sh            puts Sliders into the menu of this user; the folder stays where it is
./install.sh --remove   takes it out again; then delete the folder
./sliders-desktop       starts it without that

What Sliders knows of your music lies in ~/.local/share/Sliders and stays until you delete it.
Qt, FFmpeg, libsndfile and others in _internal are separate files that may be replaced; whose
work it all is: _internal/resources/THIRD-PARTY.txt.
"""


def build(frozen: Path, share: Path, out: Path) -> Path:
    """Write the tar, compressed with xz, into ``out``."""
    name = f"sliders-desktop-{our_version()}-{os.uname().machine}"
    target = out / f"{name}.tar.xz"
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0")) or None

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        if epoch is not None:
            info.mtime = epoch
        return info

    def add_text(tar: tarfile.TarFile, file: str, text: str, mode: int) -> None:
        body = text.encode()
        info = tarfile.TarInfo(f"{name}/{file}")
        info.size, info.mode = len(body), mode
        info.mtime = int(frozen.stat().st_mtime)
        tar.addfile(plain(info), io.BytesIO(body))

    # The program xz does it with two cores.
    packing = subprocess.Popen(
        ["xz", "-4", "-T2", "-c"], stdin=subprocess.PIPE, stdout=target.open("wb")
    )
    assert packing.stdin is not None
    with packing.stdin, tarfile.open(fileobj=packing.stdin, mode="w|") as tar:
        tar.add(frozen, name, filter=plain)
        tar.add(share, f"{name}/share", filter=plain)
        tar.add(HERE / "linux" / "install.sh", f"{name}/install.sh", filter=plain)
        add_text(tar, "missing-libraries.sh", linux_needs.missing_script(), 0o755)
        add_text(tar, "README", README.format(version=our_version()), 0o644)
    if packing.wait() != 0:
        raise SystemExit("xz failed.")
    return target


if __name__ == "__main__":
    where = [Path(word) for word in sys.argv[1:5]]
    linux_share.write(where[1], where[2], where[3], sys.argv[5])
    print(build(where[0], where[1], Path(sys.argv[6])))
