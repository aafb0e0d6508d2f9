"""What builds the installers: what it leaves out, names, asks of a system and writes."""

import gzip
import importlib.util
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from sliders_desktop import __version__
from sliders_desktop.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGING = ROOT / "packaging"
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads ELF files")


@pytest.fixture(scope="module")
def scripts() -> dict[str, ModuleType]:
    """The scripts of packaging/, by name."""
    sys.path.insert(0, str(PACKAGING))
    try:
        names = ("trimming", "notices", "icons", "linux_needs", "linux_share", "deb", "build",
                 "windows_version")  # fmt: skip
        loaded = {}
        for name in names:
            spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            loaded[name] = importlib.util.module_from_spec(spec)
            sys.modules[name] = loaded[name]
            spec.loader.exec_module(loaded[name])
        return loaded
    finally:
        sys.path.remove(str(PACKAGING))


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6/Qt/plugins/platforms/libqwayland-generic.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", False),
        ("PySide6/Qt/plugins/imageformats/libqjpeg.so", False),
        ("PySide6/Qt/lib/libQt6Widgets.so.6", False),
        ("PySide6/Qt/lib/libQt6XcbQpa.so.6", False),
        ("PySide6/QtSvg.abi3.so", False),
        ("torch/lib/libtorch_cpu.so", False),
        ("torch/bin/torch_shm_manager", False),
        ("torch/_inductor/config.py", False),
        ("models/encoder.safetensors", False),
        ("resources/slider.schema.json", False),
        ("libxcb-cursor.so.0", False),
        ("PySide6/Qt/qml/QtQuick/qmldir", True),
        ("PySide6/Qt/translations/qt_de.qm", True),
        ("PySide6\\translations\\qt_de.qm", True),
        ("PySide6/Qt/plugins/platforms/libqlinuxfb.so", True),
        ("PySide6/Qt/plugins/sqldrivers/libqsqlite.so", True),
        ("PySide6/Qt/lib/libQt6Quick3D.so.6", True),
        ("PySide6/QtQml.abi3.so", True),
        ("torch/bin/protoc", True),
        ("torch/include/ATen/ATen.h", True),
        ("torch/lib/libtorchbind_test.so", True),
        ("numpy/linalg/tests/test_linalg.py", True),
    ],
)
def test_what_is_left_out(scripts: dict[str, ModuleType], name: str, dropped: bool) -> None:
    assert scripts["trimming"].is_dropped(name, linux=True) is dropped
    assert scripts["trimming"].is_dropped(name, linux=False) is dropped


def test_what_is_the_systems_stays_with_it(scripts: dict[str, ModuleType]) -> None:
    trimming = scripts["trimming"]
    for name in ("libstdc++.so.6", "libGL.so.1", "libxcb.so.1", "libz.so.1", "libportaudio.so.2"):
        assert trimming.is_dropped(name, linux=True)
        assert not trimming.is_dropped(name, linux=False)
    table = [
        ("libtorch_cpu.so", "torch/lib/libtorch_cpu.so", "SYMLINK"),
        ("libicudata.so.73", "PySide6/Qt/lib/libicudata.so.73", "SYMLINK"),
        ("torch/lib/libtorch_cpu.so", "/somewhere/libtorch_cpu.so", "BINARY"),
        ("libstdc++.so.6", "/usr/lib/libstdc++.so.6", "BINARY"),
    ]
    assert trimming.kept(table, True) == table[1:3]


def test_every_locked_package_is_named_with_its_licence(scripts: dict[str, ModuleType]) -> None:
    notices, trimming = scripts["notices"], scripts["trimming"]
    lock = (PACKAGING / "requirements.lock").read_text(encoding="utf-8")
    lines = re.findall(r"^[a-z0-9-]+==[^\\\n]+", lock, re.MULTILINE)
    wanted = [Requirement(line) for line in lines]
    locked = {w.name for w in wanted if w.marker is None or w.marker.evaluate()} | {"torch"}
    left_out = {"scikit-learn", *trimming.EXCLUDED_MODULES}
    parts = {part.name: part for part in notices.packages()}
    assert not {name for name in locked - left_out if name not in parts}
    assert not left_out & parts.keys()
    carried = [part for name, part in parts.items() if name in locked]
    assert [part.name for part in carried if part.licence == "unknown" or not part.texts] == []
    assert parts["mutagen"].licence.startswith("GPL-2.0")


def test_parts_that_no_tool_finds(scripts: dict[str, ModuleType]) -> None:
    notices = scripts["notices"]
    found = notices.other_parts(notices.packages())
    names = {part.name for part in found}
    for name in ("Qt", "FFmpeg", "x264", "libsndfile", "OpenBLAS", "CPython", "LLVM"):
        assert name in names
    for part in found:
        if "LGPL" in part.licence:
            assert part.replaceable
            assert part.texts
    qt = next(part for part in found if part.name == "Qt")
    assert qt.version == "6.9.3"
    assert "LESSER GENERAL PUBLIC LICENSE" in qt.texts[0]
    text = notices.third_party(found, "1.2.3")
    assert text.count(qt.texts[0]) == 1
    assert "Sliders Desktop 1.2.3" in text


def test_the_bill_of_materials_hangs_together(scripts: dict[str, ModuleType]) -> None:
    notices = scripts["notices"]
    found = notices.packages()
    bill = notices.sbom([*found, *notices.other_parts(found)], "1.2.3", "0-0", "2026-11-28")
    refs = [component["bom-ref"] for component in bill["components"]]
    assert len(refs) == len(set(refs))
    known = {*refs, bill["metadata"]["component"]["bom-ref"]}
    for entry in bill["dependencies"]:
        assert entry["ref"] in known
        assert entry["dependsOn"]
        assert set(entry["dependsOn"]) <= known
    assert json.loads(json.dumps(bill)) == bill


def test_icons_of_every_system(scripts: dict[str, ModuleType]) -> None:
    icons = scripts["icons"]
    pictures = {size: icons.drawn(size) for size in (16, 32, 256)}
    for size, png in pictures.items():
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", png[16:24]) == (size, size)
    ico = icons.ico(pictures)
    assert struct.unpack("<HHH", ico[:6]) == (0, 1, 3)
    for at, (size, png) in enumerate(sorted(pictures.items())):
        wide, high, *_, length, begins = struct.unpack("<BBBBHHII", ico[6 + 16 * at : 22 + 16 * at])
        assert (wide, high) == (size % 256, size % 256)
        assert ico[begins : begins + length] == png
    every = dict.fromkeys(icons.SIZES, pictures[16])
    icns = icons.icns(every)
    assert icns[:4] == b"icns"
    assert struct.unpack(">I", icns[4:8]) == (len(icns),)


@on_linux
def test_what_a_folder_asks_of_the_system(scripts: dict[str, ModuleType], tmp_path: Path) -> None:
    needs = scripts["linux_needs"]
    shutil.copyfile(shutil.which("readelf") or "/bin/sh", tmp_path / "program")
    (tmp_path / "text").write_text("no program")
    files = needs.elf_files(tmp_path)
    assert files == [tmp_path / "program"]
    sonames = needs.from_outside(files)
    assert "libc.so.6" in sonames
    assert re.fullmatch(r"2\.\d+", needs.glibc_needed(files))
    assert needs.unknown({"libc.so.6", "libGL.so.1", "libstrange.so.7"}) == ["libstrange.so.7"]
    depends, recommends = needs.debian_packages(
        {"libstdc++.so.6", "libwayland-client.so.0"}, "2.35"
    )
    assert depends[0] == "libc6 (>= 2.35)"
    assert {"libstdc++6", "libportaudio2", "libglib2.0-0t64 | libglib2.0-0"} <= set(depends)
    assert "libwayland-client0" in recommends


@on_linux
def test_the_tar_says_what_is_missing(scripts: dict[str, ModuleType], tmp_path: Path) -> None:
    script = tmp_path / "missing-libraries.sh"
    script.write_text(scripts["linux_needs"].missing_script())
    ldconfig = tmp_path / "ldconfig"
    ldconfig.write_text('#!/bin/sh\necho "libGL.so.1 (libc6,x86-64) => /usr/lib/libGL.so.1"\n')
    ldconfig.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def said(*words: str) -> list[str]:
        return subprocess.run(
            ["sh", script, *words], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()

    assert "libGL.so.1" not in said()
    assert {"libEGL.so.1", "libportaudio.so.2"} <= set(said())
    assert "libportaudio2" in said("--packages")


@on_linux
def test_menu_types_and_manual(scripts: dict[str, ModuleType], tmp_path: Path) -> None:
    share, icons, notices = (tmp_path / name for name in ("share", "icons", "notices"))
    for folder in (icons, notices):
        folder.mkdir()
    for size in scripts["linux_share"].ICON_SIZES:
        (icons / f"sliders-{size}.png").write_bytes(b"picture")
    for name in ("THIRD-PARTY.txt", "sbom.cdx.json"):
        (notices / name).write_text("whose work")
    scripts["linux_share"].write(share, icons, notices, "2026-11-28")
    app = "org.sliders.Desktop"
    entry = (share / "applications" / f"{app}.desktop").read_text(encoding="utf-8")
    types = (share / "mime" / "packages" / f"{app}.xml").read_text(encoding="utf-8")
    told = (share / "metainfo" / f"{app}.metainfo.xml").read_text(encoding="utf-8")
    for text in (entry, types, told):
        assert "application/x-sliders-slider" in text
    assert f'<release version="{__version__}" date="2026-11-28"/>' in told
    page = gzip.decompress((share / "man" / "man1" / "sliders-desktop.1.gz").read_bytes()).decode()
    for name in COMMANDS:
        assert f"\n.B {name}\n".replace("-", r"\-") in page
    assert "@" not in page
    assert (share / "icons" / "hicolor" / "48x48" / "apps" / f"{app}.png").is_file()
    if shutil.which("desktop-file-validate"):
        subprocess.run(
            ["desktop-file-validate", share / "applications" / f"{app}.desktop"], check=True
        )


@on_linux
def test_the_tars_installer_and_the_way_back(tmp_path: Path) -> None:
    here = tmp_path / "ein “Ordner” & more"
    (here / "share" / "applications").mkdir(parents=True)
    shutil.copyfile(PACKAGING / "linux" / "install.sh", here / "install.sh")
    entry = PACKAGING / "linux" / "org.sliders.Desktop.desktop"
    shutil.copyfile(entry, here / "share" / "applications" / entry.name)
    for name in ("missing-libraries.sh", "sliders-desktop"):
        (here / name).write_text("#!/bin/sh\n")
        (here / name).chmod(0o755)
    home = tmp_path / "home"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_DATA_HOME": f"{home}/share"}
    if os.geteuid() == 0:
        environment["PREFIX"] = str(home)

    def install(*words: str) -> None:
        subprocess.run(
            ["sh", here / "install.sh", *words], env=environment, capture_output=True, check=True
        )

    install()
    placed = home / "share" / "applications" / entry.name
    line = re.search(r"^Exec=(.*)$", placed.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    assert line.group(1) == f'"{here}/sliders-desktop" %f'
    links = [path for path in home.rglob("sliders-desktop") if path.is_symlink()]
    assert [link.resolve() for link in links] == [here / "sliders-desktop"]
    install("--remove")
    assert list(home.rglob("*sliders*")) == []


def test_the_windows_resource(scripts: dict[str, ModuleType]) -> None:
    resource = scripts["windows_version"].resource("1.20.3")
    compile(resource, "version.txt", "eval")
    assert "filevers=(1, 20, 3, 0)" in resource
    assert resource.count('"1.20.3"') == 2


@on_linux
@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("head -c 200000 /dev/zero >heard.wav", ""),
        ("head -c 200000 /dev/zero >heard.wav; echo warning >&2", "warning"),
        ("head -c 200000 /dev/zero >heard.wav; exit 3", "with 3"),
        ("head -c 1000 /dev/zero >heard.wav", "less than a second"),
    ],
)
def test_the_smoke_test_hears_and_reads(
    scripts: dict[str, ModuleType], tmp_path: Path, body: str, complaint: str
) -> None:
    program = tmp_path / "sliders-desktop"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    if complaint:
        with pytest.raises(sys.modules["bootstrap"].Stop, match=complaint):
            scripts["build"].try_program(program)
    else:
        scripts["build"].try_program(program)


def test_the_version_stands_in_one_place(scripts: dict[str, ModuleType]) -> None:
    assert scripts["notices"].our_version() == scripts["build"].version() == __version__
    listed = subprocess.run(
        ["git", "grep", "-lF", f'"{__version__}"', "--", ":!*.lock", ":!tests"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:  # where the sources are a checkout
        assert listed.stdout.split() == ["sliders_desktop/__init__.py"]


def test_the_build_lock_fits_the_runtime_lock() -> None:
    def locked(name: str) -> dict[str, str]:
        text = (PACKAGING / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    runtime, build = locked("requirements.lock"), locked("requirements-build.lock")
    assert "pyinstaller" in build
    assert all(runtime.get(name, version) == version for name, version in build.items())


def test_workflows_are_pinned_and_ask_for_little() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        used = re.findall(r"uses: (\S+)", text)
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in used)
        assert "\npermissions: {}\n" in text
        writes = re.findall(r"^ +([\w-]+): write", text, re.MULTILINE)
        assert set(writes) <= {"contents", "id-token", "attestations"}
        assert not writes or file.name == "release.yml"
