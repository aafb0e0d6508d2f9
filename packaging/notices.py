"""Whose work travels in an installer: third-party notices, and a CycloneDX list of parts.

    notices.py FOLDER     writes THIRD-PARTY.txt and sbom.cdx.json
    notices.py --version  says the program's version

Runs in the environment that is frozen: packages and their licence texts are read there, what no
package says of itself comes from parts.toml and licences/.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import sys
import tomllib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trimming import EXCLUDED_MODULES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SYSTEM = {"linux": "linux", "win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
# Beside the program in its environment, never in the installer.
BUILDERS = {"pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "packaging", "macholib",
            "pefile", "pywin32-ctypes", "sliders-desktop"}  # fmt: skip
MODULE_OF = {"scikit-learn": "sklearn"}
# What a package calls its licence → SPDX, where it is not SPDX already.
SPDX = {
    "BSD": "BSD-3-Clause", "BSD License": "BSD-3-Clause", "BSD 3-Clause License": "BSD-3-Clause",
    "MIT License": "MIT", "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0", "Public Domain": "LicenseRef-Public-Domain",
}  # fmt: skip
_EXPRESSION = re.compile(r"[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*")
_TEXTS = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)

HEAD = """\
Sliders Desktop {version} carries the work of many others. This file names all of it, and gives
the licences in full.

The program's own source is under the MIT licence. As a whole, with mutagen and the x264 and x265
inside FFmpeg, the installed program may be passed on under the GNU General Public Licence 3.

Libraries marked "replaceable" are separate files in the program's folder. You may replace each
with a changed build of the same interface, and take the program apart as far as that needs it.
Their sources, of the version named here, lie at the address beside them; whoever gave you this
program gives you the same sources on request, for three years, at the cost of sending them.
"""


@dataclass(frozen=True)
class Part:
    """One work of others. ``texts`` are its licences, in full; ``within`` the part it came with."""

    name: str
    version: str
    licence: str
    source: str
    within: str = ""
    replaceable: bool = False
    texts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def line(self) -> str:
        """One line of the list."""
        came = f" (within {self.within})" if self.within else ""
        may = "; replaceable" if self.replaceable else ""
        return f"{self.name} {self.version}{came}: {self.licence}{may}\n    {self.source}"


def our_version() -> str:
    """The program's version, from the only place where it is written."""
    text = (ROOT / "sliders_desktop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    assert found is not None
    return found.group(1)


def canonical(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(about: Any) -> str:
    """SPDX expression of a package's metadata, or its own words."""
    if expression := about.get("License-Expression"):
        return str(expression)
    words = str(about.get("License") or "").strip()
    if not words or "\n" in words or len(words) > 60:
        kinds = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
        words = kinds[0].rpartition(" :: ")[2] if kinds else "unknown"
    return str(SPDX.get(words, words))


def source_of(about: Any) -> str:
    """Where its source is, as the package says."""
    urls = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or [] if ", " in line)
    known = {name.strip().lower(): url.strip() for name, url in urls.items()}
    for name in ("source", "source code", "repository", "github", "code", "homepage", "home"):
        if name in known:
            return str(known[name])
    return str(about.get("Home-page") or next(iter(known.values()), ""))


def packages() -> list[Part]:
    """Every package of this environment that goes into the installer."""
    left_out = BUILDERS | {name for name in EXCLUDED_MODULES if "." not in name}
    parts = []
    for found in importlib.metadata.distributions():
        name = canonical(found.metadata["Name"])
        if {name, MODULE_OF.get(name, name.replace("-", "_"))} & left_out:
            continue
        files = [f for f in found.files or [] if ".dist-info" in str(f) and _TEXTS.search(str(f))]
        read = (Path(str(found.locate_file(f))).read_text("utf-8", "replace") for f in files)
        texts = tuple(text for raw in read if (text := raw.strip(" \0\n")))
        if not texts and name in ("pyside6-essentials", "shiboken6"):
            texts = (licence_text("LGPL-3.txt"), licence_text("GPL-3.txt"))
        about = found.metadata
        parts.append(Part(name, found.version, licence_of(about), source_of(about), texts=texts))
    return sorted(parts, key=lambda part: part.name)


def licence_text(name: str) -> str:
    """One of the texts in licences/."""
    return (HERE / "licences" / name).read_text(encoding="utf-8").strip()


def other_parts(of: list[Part]) -> list[Part]:
    """What parts.toml adds on this system to the packages ``of``."""
    versions = {part.name: part.version for part in of}
    versions |= {"python": platform.python_version(), "freezer": freezer_version()}
    listed = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))["part"]
    parts = []
    for entry in listed:
        if SYSTEM not in entry.get("systems", [SYSTEM]) or entry["within"] not in versions:
            continue
        own = entry["within"] in ("python", "freezer") and entry["name"] in (
            "CPython", "PyInstaller bootloader",
        )  # fmt: skip
        version = entry.get("version") or (
            versions[entry["within"]]
            if own or entry["name"] == "Qt"
            else f"as in {entry['within']} {versions[entry['within']]}"
        )
        texts = (licence_text(entry["text"]),) if "text" in entry else ()
        if entry["name"] == "CPython":
            # It speaks for what it contains, too: libffi, zlib, expat and others.
            own_words = Path(os.__file__).with_name("LICENSE.txt")
            texts = (own_words.read_text(encoding="utf-8").strip(),) if own_words.exists() else ()
        parts.append(
            Part(
                entry["name"], version, entry["licence"], entry["source"],
                "" if own else entry["within"], entry.get("replaceable", False), texts,
            )
        )  # fmt: skip
    return parts


def freezer_version() -> str:
    """PyInstaller's version here."""
    try:
        return importlib.metadata.version("pyinstaller")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def third_party(parts: list[Part], version: str) -> str:
    """The notices: a list of all parts, then every licence text once, with who it is for."""
    by_text: dict[str, list[str]] = {}
    for part in parts:
        for text in part.texts:
            by_text.setdefault(text, []).append(part.name)
    rule = "─" * 78
    chapters = [
        f"{rule}\nFor: {', '.join(sorted(set(names)))}\n{rule}\n\n{text}"
        for text, names in by_text.items()
    ]
    lines = "\n".join(part.line for part in parts)
    return "\n\n".join([HEAD.format(version=version), lines, *chapters]) + "\n"


def sbom(parts: list[Part], version: str, serial: str, when: str) -> dict[str, Any]:
    """CycloneDX 1.6: the program, every part, and which part came within which."""
    us = f"sliders-desktop@{version}"
    components = []
    within: dict[str, list[str]] = {}
    for part in parts:
        ref = f"{part.within or 'top'}/{part.name}@{part.version}"
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": ref,
            "name": part.name,
            "version": part.version,
            "licenses": [
                {"expression": part.licence}
                if _EXPRESSION.fullmatch(part.licence)
                else {"license": {"name": part.licence}}
            ],
        }
        if part.source.startswith("http"):
            component["externalReferences"] = [{"type": "website", "url": part.source}]
        if not part.within and canonical(part.name) == part.name:
            component["purl"] = f"pkg:pypi/{part.name}@{part.version}"
        components.append(component)
        within.setdefault(part.within, []).append(ref)
    refs = {c["name"]: c["bom-ref"] for c in components}
    depends = [{"ref": us, "dependsOn": sorted(within.pop("", []))}]
    depends += [
        {"ref": refs[name], "dependsOn": sorted(found)}
        for name, found in within.items()
        if name in refs
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": when,
            "component": {
                "type": "application",
                "bom-ref": us,
                "name": "sliders-desktop",
                "version": version,
                "licenses": [{"license": {"id": "GPL-3.0-or-later"}}],
            },
        },
        "components": components,
        "dependencies": depends,
    }


def write(folder: Path) -> None:
    """Write both files; the same environment and SOURCE_DATE_EPOCH give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    found = packages()
    parts = [*found, *other_parts(found)]
    version = our_version()
    (folder / "THIRD-PARTY.txt").write_text(third_party(parts, version), encoding="utf-8")
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    names = " ".join(f"{part.name}@{part.version}" for part in parts)
    serial = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sliders-desktop {version} {names}"))
    when = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    bill = json.dumps(sbom(parts, version, serial, when), indent=1, ensure_ascii=False)
    (folder / "sbom.cdx.json").write_text(bill + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1] == "--version":
        print(our_version())
    else:
        write(Path(sys.argv[1]))
