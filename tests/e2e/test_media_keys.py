"""The program as a desktop on Linux sees it: over a real message bus, from another process."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import songs
from message_bus import NAME, PATH, PLAYER, ROOT, Bus, BusError, Panel, bus

from sliders_desktop.config import Paths
from sliders_desktop.library.store import Store
from sliders_desktop.ml.encoder import Encoder, EncoderConfig

__all__ = ["bus"]  # a fixture

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="MPRIS is Linux's")

SECONDS = 40.0
SECOND = 1_000_000  # in microseconds
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    songs.library(folder, 4, seconds=SECONDS, rate=22050, formats=("flac",))
    for place in {song.parent for song in folder.rglob("*.flac")}:
        (place / "cover.png").write_bytes(PNG)
    return folder


@pytest.fixture
def program(home: Path, music: Path, bus: Bus) -> "Iterator[subprocess.Popen[str]]":
    """The window with four songs and no radio, silent."""
    weights = Paths(home).own_encoder
    weights.parent.mkdir(parents=True)
    Encoder.random(0, EncoderConfig(layers=1)).save(weights)
    with Store.open(Paths(home).database) as store:
        store.set_setting("radio", False)
    sliders, top = [sys.executable, "-m", "sliders_desktop"], Path(__file__).parent.parent.parent
    subprocess.run([*sliders, "scan", str(music)], cwd=top, check=True, capture_output=True)
    program = subprocess.Popen(
        [*sliders, "--sink", "null"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=top,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield program
    if program.poll() is None:
        program.kill()
    program.communicate()


@pytest.fixture
def panel(program: "subprocess.Popen[str]", bus: Bus) -> Iterator[Panel]:
    """Connected, and the songs are there."""
    panel = Panel(bus.address)
    panel.until(panel.has_owner, "the program on the bus")
    panel.until(lambda: panel.get("CanPlay"), "something to play")
    yield panel
    panel.close()


def near(microseconds: int) -> Any:
    """To a frame or two."""
    return pytest.approx(microseconds, abs=100)


def refused(panel: Panel, *call: Any, **where: Any) -> str:
    with pytest.raises(BusError) as error:
        panel.call(*call, **where)
    return str(error.value).removeprefix("org.freedesktop.DBus.Error.")


def test_a_desktop_sees_and_steers_what_plays(
    program: "subprocess.Popen[str]", panel: Panel, music: Path, home: Path
) -> None:
    assert panel.get_all(ROOT) == {
        "CanQuit": ("b", True),
        "CanRaise": ("b", True),
        "HasTrackList": ("b", False),
        "Identity": ("s", "Sliders"),
        "DesktopEntry": ("s", "org.sliders.Desktop"),
        "SupportedUriSchemes": ("as", []),
        "SupportedMimeTypes": ("as", []),
    }
    assert panel.get_all() == {
        "PlaybackStatus": ("s", "Stopped"),
        "LoopStatus": ("s", "None"),
        "Rate": ("d", 1.0),
        "Shuffle": ("b", False),
        "Metadata": ("a{sv}", {}),
        "Volume": ("d", 0.8),
        "Position": ("x", 0),
        "MinimumRate": ("d", 1.0),
        "MaximumRate": ("d", 1.0),
        "CanGoNext": ("b", False),
        "CanGoPrevious": ("b", False),
        "CanPlay": ("b", True),
        "CanPause": ("b", False),
        "CanSeek": ("b", False),
        "CanControl": ("b", True),
    }
    # Nothing plays: these have no effect, and no error.
    for method in ("Next", "Previous", "Pause", "Stop"):
        panel.call(method)
    panel.call("Seek", "x", SECOND)
    assert panel.get("PlaybackStatus") == "Stopped"

    # Play, and what is said of the song.
    panel.call("PlayPause")
    news = panel.until_told(PlaybackStatus="Playing", CanPause=True, CanSeek=True)
    assert "Volume" not in news
    panel.until(lambda: "mpris:artUrl" in panel.get("Metadata"), "the cover")
    first = panel.get("Metadata")
    url = first["xesam:url"][1]
    assert url in {song.as_uri() for song in music.rglob("*.flac")}
    assert first["mpris:length"] == ("x", SECONDS * SECOND)
    assert first["xesam:title"][1] in songs.TITLES[:4]
    assert first["xesam:artist"][0] == "as"
    assert first["xesam:album"][0] == "s"
    art = Path(first["mpris:artUrl"][1].removeprefix("file://"))
    assert art.read_bytes() == PNG
    assert Paths(home).cache.resolve() in art.parents
    panel.until(lambda: panel.get("Position") > 0, "its sound")

    panel.call("Pause")
    panel.until_told(PlaybackStatus="Paused")
    here = first["mpris:trackid"][1]

    # To and fro, while time stands still.
    panel.call("SetPosition", "ox", here, 10 * SECOND)
    panel.until(lambda: panel.seeked == [10 * SECOND], "Seeked")
    panel.call("Pause")
    assert panel.get("PlaybackStatus") == "Paused"
    assert panel.get("Position") == near(10 * SECOND)
    panel.call("Seek", "x", 5 * SECOND)
    panel.until(lambda: panel.seeked[1:] == [near(15 * SECOND)], "Seeked on")
    panel.call("Seek", "x", -60 * SECOND)
    panel.until(lambda: panel.seeked[2:] == [0], "Seeked back")
    panel.call("SetPosition", "ox", "/org/sliders/Desktop/track/4711", 3 * SECOND)
    panel.call("SetPosition", "ox", here, -1)
    panel.call("SetPosition", "ox", here, round((SECONDS + 1) * SECOND))
    panel.call("SetPosition", "ox", here, 12 * SECOND)
    panel.until(lambda: panel.seeked[3:] == [12 * SECOND], "the one right position")
    assert panel.get("Position") == near(12 * SECOND)

    # Next and previous, silent and playing. The first four seconds: previous is the song before.
    assert panel.get("CanGoNext") is True
    panel.call("Next")
    panel.until(lambda: panel.title() != first["xesam:title"][1], "the second song")
    second = panel.title()
    assert panel.get("PlaybackStatus") == "Paused"
    panel.call("Previous")
    panel.until(lambda: panel.title() == first["xesam:title"][1], "the first song again")
    assert panel.get("Metadata")["mpris:trackid"][1] != here
    assert panel.get("PlaybackStatus") == "Paused"
    panel.call("Play")
    panel.until_told(PlaybackStatus="Playing")
    panel.call("Seek", "x", 2 * round(SECONDS) * SECOND)
    panel.until(lambda: panel.title() == second, "the second song, by seeking beyond the first")
    assert panel.get("PlaybackStatus") == "Playing"

    # What can be set.
    panel.set("Volume", "d", 0.3)
    assert set(panel.until_told(Volume=0.3)) <= {"Volume", "Metadata"}  # a cover may come late
    panel.set("Volume", "d", -1.0)
    assert set(panel.until_told(Volume=0.0)) <= {"Volume", "Metadata"}
    for loop in ("Track", "Playlist", "None"):
        panel.set("LoopStatus", "s", loop)
        panel.until_told(LoopStatus=loop)
    panel.set("Shuffle", "b", True)
    assert panel.until_told(Shuffle=True)["Shuffle"] is True
    panel.set("Rate", "d", 2.0)
    assert panel.get("Rate") == 1.0
    panel.set("Rate", "d", 0.0)
    panel.until_told(PlaybackStatus="Paused")

    # The same song again is another track for those who follow its position.
    panel.set("LoopStatus", "s", "Track")
    before = panel.get("Metadata")
    panel.call("Play")
    panel.call("SetPosition", "ox", before["mpris:trackid"][1], round((SECONDS - 1) * SECOND))
    panel.until(
        lambda: panel.get("Metadata")["mpris:trackid"] != before["mpris:trackid"], "once more"
    )
    assert panel.title() == before["xesam:title"][1]

    panel.call("Stop")
    panel.until_told(PlaybackStatus="Stopped")
    assert panel.get("Position") == 0
    panel.call("Play")
    panel.until_told(PlaybackStatus="Playing")

    # What is wrong gets an answer, too.
    assert refused(panel, "OpenUri", "s", url) == "NotSupported"
    assert refused(panel, "Dance") == "UnknownMethod"
    assert refused(panel, "Seek", "s", "far") == "InvalidArgs"
    assert refused(panel, "Next", interface="org.example.Else") == "UnknownInterface"
    assert refused(panel, "Next", path="/else") == "UnknownObject"
    with pytest.raises(BusError, match="PropertyReadOnly"):
        panel.set("CanPlay", "b", False)
    with pytest.raises(BusError, match="UnknownProperty"):
        panel.get("Colour")
    with pytest.raises(BusError, match="InvalidArgs"):
        panel.set("LoopStatus", "s", "Sideways")
    with pytest.raises(BusError, match="InvalidArgs"):
        panel.set("Volume", "s", "loud")

    # Only what changed was told, and never the position.
    panel.listen()
    known: dict[str, Any] = {}
    for told in panel.told:
        assert "Position" not in told
        assert not [name for name, value in told.items() if known.get(name, ...) == value]
        known.update(told)

    panel.call("Raise", interface=ROOT)
    panel.call("Quit", interface=ROOT)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 0
    noise = [line for line in said.splitlines() if "propagateSizeHints" not in line]
    assert noise == ["This plugin does not support raise()"]  # Qt without a screen: it was asked to
    assert not panel.has_owner()


@pytest.mark.skipif(not shutil.which("gdbus"), reason="gdbus missing (apt install libglib2.0-bin)")
@pytest.mark.usefixtures("panel")
def test_the_system_s_own_tool_understands_it(bus: Bus) -> None:
    """gdbus reads the description and checks every type against it."""
    say = ["gdbus", "introspect", "--session", "--dest", NAME, "--object-path", PATH]
    done = subprocess.run(say, capture_output=True, text=True, timeout=60, check=True)
    for line in (
        f"interface {PLAYER} {{",
        "SetPosition(in  o TrackId,",
        "readonly x Position = 0;",
        "readwrite s LoopStatus = 'None';",
        "Seeked(x Position);",
    ):
        assert line in done.stdout
