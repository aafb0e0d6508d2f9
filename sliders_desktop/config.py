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
LISTENBRAINZ = "https://api.listenbrainz.org"


def _shipped(name: str) -> Path:
    """Folder ``name`` that travels with the program, frozen or not."""
    root = getattr(sys, "_MEIPASS", None)
    return (Path(root) if root else Path(__file__).resolve().parent.parent) / name


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
        return _shipped("models") / "encoder.safetensors"

    @property
    def taught(self) -> Path:
        """Encoders that the listener's library taught, each named by its hash."""
        return self.home / "models" / "taught"

    @property
    def teaching(self) -> Path:
        """A teaching that is under way: its plan, its music in compact form, its checkpoint."""
        return self.cache / "teaching"

    @property
    def resources(self) -> Path:
        return _shipped("resources")


def _setting(default: Any, help: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": help, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """Every choice the listener has; the settings dialog and the documentation are made of it."""

    theme: str = _setting("system", "Dark, light, or as the system", ("system", "dark", "light"))
    device: str = _setting("auto", "What listens to your music", ("auto", "cpu", "cuda", "mps"))
    output: str = _setting("", "Sound output; empty follows the system")
    fast: bool = _setting(False, "Use every core while listening to new music")
    watch_folders: bool = _setting(True, "Look for new music at each start")
    shuffle: bool = _setting(False, "Play lists in random order")
    repeat: str = _setting("off", "Repeat nothing, the list, or one track", ("off", "all", "one"))
    volume: float = _setting(0.8, "Loudness, 0 to 1")
    near_far: float = _setting(0.25, "How far the radio wanders, 0 near to 1 far")
    radio: bool = _setting(True, "Keep playing what fits when a list ends")

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
