"""The version resource of the Windows programs, in the form PyInstaller reads.

windows_version.py FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from notices import our_version

FORM = """\
VSVersionInfo(
    ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004,
                      fileType=1, subtype=0, date=(0, 0)),
    kids=[
        StringFileInfo([StringTable("040904B0", [
            StringStruct("CompanyName", "The Sliders Desktop authors"),
            StringStruct("FileDescription", "Sliders"),
            StringStruct("FileVersion", "{version}"),
            StringStruct("InternalName", "sliders-desktop"),
            StringStruct("LegalCopyright", "The Sliders Desktop authors and others"),
            StringStruct("OriginalFilename", "Sliders.exe"),
            StringStruct("ProductName", "Sliders"),
            StringStruct("ProductVersion", "{version}"),
        ])]),
        VarFileInfo([VarStruct("Translation", [0x409, 1200])]),
    ],
)
"""


def resource(version: str) -> str:
    """For a version such as “0.1.0”."""
    numbers = (*map(int, version.split(".")), 0, 0, 0)[:4]
    return FORM.format(version=version, numbers=numbers)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(resource(our_version()), encoding="utf-8")
