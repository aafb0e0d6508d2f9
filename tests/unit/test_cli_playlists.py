"""`playlist` on the command line."""

import json
from pathlib import Path

import pytest

from sliders_desktop.cli import parser_for
from sliders_desktop.cli.playlists import run
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    with Store.open(Paths(home).database) as store:
        found = [FoundTrack(f"/m/{n}.mp3", 1, 1, f"{n}", 9.0, f"Song {n}", "A") for n in "abc"]
        store.save_found(store.add_folder("/m").id, found)
    return home


def do(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    args = parser_for("playlist").parse_args(["--home", "before", *words])
    assert (str(args.home), args.sink) == ("before", "device")
    try:
        code, why = run("playlist", args, Paths(home)), ""
    except UserError as error:  # which the program's own main shows so
        code, why = 2, str(error)
    return code, (capsys.readouterr().out + why).strip()


def test_common_options_behind_the_action() -> None:
    args = parser_for("playlist").parse_args(["list", "--home", "there", "--debug"])
    assert (str(args.home), args.debug, args.sink) == ("there", True, "device")


def test_there_and_back(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(home, capsys, "list")[1].startswith("No playlists yet")
    assert do(home, capsys, "add", "Kitchen", "2", "/m/a.mp3") == (0, "Kitchen: 2 tracks")
    assert do(home, capsys, "add", "kitchen", "Song c") == (0, "Kitchen: 3 tracks")
    code, said = do(home, capsys, "list", "KITCHEN")
    assert (code, [line.split()[0] for line in said.splitlines()]) == (0, ["2", "1", "3"])
    file = str(tmp_path / "out.xspf")
    assert do(home, capsys, "export", "Kitchen", file) == (0, "3 tracks written to out.xspf.")
    assert do(home, capsys, "import", file) == (0, "Kitchen 2: all 3 tracks found.")
    assert do(home, capsys, "import", file, "--into", "Kitchen")[0] == 0
    lists = json.loads(do(home, capsys, "list", "--json")[1])
    assert [(one["name"], one["count"]) for one in lists] == [("Kitchen", 6), ("Kitchen 2", 3)]
    tracks = json.loads(do(home, capsys, "list", "Kitchen 2", "--json")[1])
    assert [one["path"] for one in tracks] == ["/m/b.mp3", "/m/a.mp3", "/m/c.mp3"]


def test_one_bad_file_does_not_stop_the_others(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.m3u").write_bytes(b"\0\0")
    (tmp_path / "good.m3u").write_text("/m/a.mp3\n/m/z.mp3\n")
    code, said = do(
        home, capsys, "import", str(tmp_path / "bad.m3u"), str(tmp_path / "good.m3u"), "--others"
    )
    assert code == 2
    assert said.splitlines() == [
        "good: 1 of 2 tracks found.", "  m/z.mp3", "bad.m3u is no playlist.",
    ]  # fmt: skip
    assert do(home, capsys, "list", "nothing")[0] == 2
    assert do(home, capsys, "export", "nothing", "x.m3u8")[0] == 2
    assert do(home, capsys, "add", "Kitchen", "no such song")[0] == 2
    assert do(home, capsys, "list")[1].split() == ["good", "1"]
