"""Where things lie (`Paths`) and what the listener may choose (`Settings`), each declared once."""

import json
import logging
import os
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

log = logging.getLogger(__name__)

HOME_VARIABLE = "SLIDERS_DESKTOP_HOME"
#: How many other artists may at least lie between two tracks of one.
ARTIST_GAPS = (4, 5, 7, 9, 12, 16, 24, 36, 50)
LISTENBRAINZ = "https://api.listenbrainz.org"


def shipped(name: str) -> Path:
    """Folder ``name`` that travels with the program, frozen or not."""
    root = getattr(sys, "_MEIPASS", None)
    return (Path(root) if root else Path(__file__).resolve().parent.parent) / name


def releases_address(resources: Path) -> str:
    """Where an installed program may ask for the newest version; empty where it must not.

    The build notes it; a system's package leaves it out, for its updates come by the system.
    """
    try:
        noted = json.loads((resources / "build.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(noted.get("releases", "")) if isinstance(noted, dict) else ""


@dataclass(frozen=True)
class Paths:
    """Every path the program writes to lies below ``home``."""

    home: Path
    trial: bool = False  # this run is a trial: nothing of it may leave the computer

    @classmethod
    def default(cls) -> "Paths":
        """The user's data folder, or what ``SLIDERS_DESKTOP_HOME`` names."""
        named = os.environ.get(HOME_VARIABLE)
        return cls(Path(named) if named else Path(platformdirs.user_data_dir("Sliders", False)))

    @property
    def database(self) -> Path:
        return self.home / "library.db"

    @property
    def log(self) -> Path:
        return self.home / "sliders.log"

    @property
    def demo(self) -> Path:
        """Where the demo library's pieces are rendered."""
        return self.home / "demo"

    @property
    def cache(self) -> Path:
        """Compiled code and the like: may be deleted at any time."""
        return self.home / "cache"

    @property
    def encoder(self) -> Path:
        """The listener's own trained encoder if there is one, else the shipped one."""
        return self.own_encoder if self.own_encoder.exists() else self.shipped_encoder

    @property
    def own_encoder(self) -> Path:
        return self.home / "models" / "encoder.safetensors"

    @property
    def shipped_encoder(self) -> Path:
        return shipped("models") / "encoder.safetensors"

    @property
    def taught(self) -> Path:
        """Encoders that the listener's library taught, each named by its hash."""
        return self.home / "models" / "taught"

    @property
    def own_recommender(self) -> Path:
        """What the recommender learned from this listener; the shipped one serves without it."""
        return self.home / "models" / "recommender.safetensors"

    @property
    def shipped_recommender(self) -> Path:
        return shipped("models") / "recommender.safetensors"

    @property
    def add_on(self) -> Path:
        """torch for NVIDIA cards, where the listener fetched it."""
        return self.home / "nvidia"

    @property
    def teaching(self) -> Path:
        """A teaching that is under way: its plan, its music in compact form, its checkpoint."""
        return self.cache / "teaching"

    @property
    def resources(self) -> Path:
        return shipped("resources")


def _setting(
    default: Any,
    help: str,
    choices: tuple[Any, ...] = (),
    *,
    group: str,
    title: str = "",
    words: tuple[str, ...] = (),
) -> Any:
    """``words`` are the ``choices`` as a listener reads them; ``title`` is a better name."""
    shown = words or tuple(str(choice) for choice in choices)
    known = {"help": help, "choices": choices, "words": shown, "group": group, "title": title}
    return field(default=default, metadata=known)


@dataclass(frozen=True)
class Settings:
    """Every choice the listener has; the settings dialog and the documentation are made of it."""

    # fmt: off
    theme: str = _setting(
        "system", "Dark, light, or as the system", ("system", "dark", "light"),
        group="Look", words=("as the system", "dark", "light"))
    output: str = _setting("", "Where the sound goes", group="Sound")
    exclusive: bool = _setting(
        False, "Take the output from all other programs, where the system allows it; on Linux no"
        " sound server does, and outputs with “hw” in their name always do so", group="Sound",
        title="For Sliders alone")
    volume: float = _setting(0.8, "Loudness, 0 to 1", group="Sound")
    loudness: str = _setting(
        "auto", "All recordings equally loud: by album where an album plays, else by track",
        ("auto", "album", "track", "off"), group="Sound", title="Even loudness",
        words=("by album, else by track", "always by album", "always by track", "off"))
    crossfade: int = _setting(
        0, "Songs flow into each other; those of one album never do", (0, 2, 4, 6, 8, 12),
        group="Sound", words=("off", "2 seconds", "4 seconds", "6 seconds", "8 seconds",
                              "12 seconds"))
    shuffle: bool = _setting(False, "Play lists in random order", group="What plays")
    repeat: str = _setting(
        "off", "Repeat nothing, the list, or one track", ("off", "all", "one"),
        group="What plays", words=("off", "the list", "one track"))
    radio: bool = _setting(True, "Keep playing what fits when a list ends", group="What plays")
    near_far: float = _setting(
        0.25, "How far the radio wanders, 0 near to 1 far", group="What plays",
        title="Near or far")
    forgotten: float = _setting(
        0.5, "What the radio prefers, 0 the familiar to 1 the forgotten; in the middle it does not"
        " matter", group="What plays", title="Familiar or forgotten")
    artist_gap: int = _setting(
        4, "Of how many tracks of the radio at most one is by the same artist", ARTIST_GAPS,
        group="What plays", title="One artist how often",
        words=tuple(f"1 in {gap + 1}" for gap in ARTIST_GAPS))
    tastes: bool = _setting(
        True, "A quiet taste of the track on the map that the pointer rests on; what plays steps"
        " back meanwhile", group="The map", title="Hear what you point at")
    earcons: bool = _setting(
        True, "A soft tone at each step from track to track with the arrow keys",
        group="The map", title="Tones while walking the map")
    watch_folders: bool = _setting(
        True, "Look for new music at each start", group="Listening to new music")
    fast: bool = _setting(
        False, "Use every core while listening to new music", group="Listening to new music")
    device: str = _setting(
        "auto", "What listens to your music", ("auto", "cpu", "cuda", "mps"),
        group="Listening to new music")
    updates: bool = _setting(
        False, "Ask once a day whether there is a newer version, and show the way to it. Nothing is"
        " said of you or your music", group="Newer versions", title="Look for newer versions")
    # fmt: on

    @classmethod
    def from_stored(cls, stored: dict[str, str]) -> "Settings":
        """Build from JSON texts by name; what is unknown or does not fit keeps its default."""
        known = {f.name: f for f in fields(cls)}
        values: dict[str, Any] = {}
        for name, text in stored.items():
            declared = known.get(name)
            if declared is None:
                continue
            value = _parsed(text)
            if isinstance(declared.default, float) and isinstance(value, int):
                value = float(value)
            choices = declared.metadata["choices"]
            if type(value) is not type(declared.default) or (choices and value not in choices):
                log.info("setting %s: %r does not fit, using the default", name, text)
                continue
            values[name] = value
        return cls(**values)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
