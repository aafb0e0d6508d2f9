"""`doctor`: what a bug report needs, and nothing of the listener's music."""

import argparse
import platform
import sys
from datetime import datetime
from importlib import metadata

from sliders_desktop import __version__
from sliders_desktop.cli.console import say
from sliders_desktop.config import Paths
from sliders_desktop.errors import UserError
from sliders_desktop.library.store import Store
from sliders_desktop.ml import add_on

PACKAGES = (
    "PySide6-Essentials", "torch", "numpy", "scipy", "scikit-learn", "numba",
    "pyqtgraph", "soundfile", "sounddevice", "soxr", "av", "mutagen", "safetensors",
    "sqlite-utils",
)  # fmt: skip


def add_arguments(command: str, parser: argparse.ArgumentParser) -> None:
    """None."""


def run(command: str, args: argparse.Namespace, paths: Paths) -> int:
    """Print versions, devices, paths and counts."""
    say(f"Sliders {__version__} · Python {platform.python_version()} · {platform.platform()}")
    for name in PACKAGES:
        try:
            say(f"  {name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            say(f"  {name} missing")
    say(f"home      {paths.home}")
    say(f"resources {paths.resources} ({'there' if paths.resources.is_dir() else 'missing'})")
    say(f"encoder   {_encoder(paths)}")
    say(f"devices   {_devices()}")
    if offer := add_on.offer(paths):
        say(f"          {offer}")
    say(f"sound     {_outputs()}")
    try:
        with Store.open(paths.database) as store:
            counts = store.counts()
            said = ", ".join(f"{n} {name}" for name, n in counts.items())
            say(f"library   {said}")
            say(f"radio     {_recommender(store, paths)}")
    except UserError as error:
        say(f"library   {error}")
    return 0


def _encoder(paths: Paths) -> str:
    if not paths.encoder.exists():
        return "missing"
    from sliders_desktop.ml.encoder import Encoder

    try:
        encoder = Encoder.load(paths.encoder)
    except UserError as error:
        return str(error)
    size = paths.encoder.stat().st_size / 1e6
    return f"{paths.encoder.name}, {size:.1f} MB, {encoder.dim} dimensions, {encoder.id[:12]}"


def _recommender(store: Store, paths: Paths) -> str:
    from sliders_desktop import tasks

    learned = tasks.read_learned(store, paths)
    query, last = learned.query, learned.last
    if query is None:
        said = "listening: nothing was learned of this encoder's vectors; the centroid serves"
    else:
        own, found = "learned here" if learned.own else "as shipped", query.figures
        said = f"{query.state}, {own}: MRR {found.queries:.3f}, the centroid's {found.centroid:.3f}"
    if last is None:
        return f"{said}; no round of learning yet"
    day = datetime.fromtimestamp(last.at).date()
    came = "better" if last.better else "no better"
    return f"{said}; last round {day}, from {last.plays} plays, {last.playlists} playlists: {came}"


def _devices() -> str:
    from sliders_desktop.ml.encoder import pick_device

    found = []
    for name in ("cuda", "mps", "cpu"):
        try:
            found.append(str(pick_device(name)))
        except UserError:
            continue
    return ", ".join(found) + (" (frozen)" if getattr(sys, "frozen", False) else "")


def _outputs() -> str:
    from sliders_desktop.audio.sinks.devices import devices

    return ", ".join(device.name for device in devices()) or "no output found"
