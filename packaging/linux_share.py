"""What every Linux package puts beside the program: menu, icons, types, man page, notices."""

from __future__ import annotations

import ast
import gzip
import shutil
from pathlib import Path

from notices import ROOT, our_version

HERE = Path(__file__).resolve().parent
APP = "org.sliders.Desktop"
ICON_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def commands() -> dict[str, str]:
    """Each command of the program, with what it does."""
    tree = ast.parse((ROOT / "sliders_desktop" / "cli" / "__init__.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "COMMANDS":
            assert node.value is not None
            known: dict[str, tuple[str, str]] = ast.literal_eval(node.value)
            return {name: purpose for name, (_, purpose) in known.items()}
    raise LookupError("COMMANDS")


def filled(text: str, date: str) -> str:
    """``text`` with version, day and commands in their places."""
    listed = "\n".join(f".TP\n.B {name}\n{does}" for name, does in commands().items())
    listed = listed.replace("-", "\\-")
    filling = {"@VERSION@": our_version(), "@DATE@": date, "@COMMANDS@": listed}
    for mark, value in filling.items():
        text = text.replace(mark, value)
    return text


def write(share: Path, icons: Path, notices: Path, date: str) -> None:
    """Fill the folder ``share``, as it lies below /usr.

    ``icons`` is what icons.py drew, ``notices`` what notices.py wrote, ``date`` as 2026-11-28.
    """
    linux = HERE / "linux"
    places = {
        f"{APP}.desktop": share / "applications" / f"{APP}.desktop",
        f"{APP}.mime.xml": share / "mime" / "packages" / f"{APP}.xml",
        f"{APP}.metainfo.xml": share / "metainfo" / f"{APP}.metainfo.xml",
    }
    for name, place in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(filled((linux / name).read_text("utf-8"), date), encoding="utf-8")
    man = share / "man" / "man1" / "sliders-desktop.1.gz"
    man.parent.mkdir(parents=True, exist_ok=True)
    page = filled((linux / "sliders-desktop.1").read_text("utf-8"), date)
    man.write_bytes(gzip.compress(page.encode(), 9, mtime=0))
    hicolor = share / "icons" / "hicolor"
    for size in ICON_SIZES:
        place = hicolor / f"{size}x{size}" / "apps" / f"{APP}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(icons / f"sliders-{size}.png", place)
    drawing = hicolor / "scalable" / "apps" / f"{APP}.svg"
    drawing.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "resources" / "icons" / "sliders.svg", drawing)
    doc = share / "doc" / "sliders-desktop"
    doc.mkdir(parents=True, exist_ok=True)
    for name in ("THIRD-PARTY.txt", "sbom.cdx.json"):
        (doc / f"{name}.gz").write_bytes(gzip.compress((notices / name).read_bytes(), 9, mtime=0))
