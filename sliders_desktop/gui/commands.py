"""Everything the window can do, declared once: menus, keys, tooltips and the sheet come from here.

Scope says where a key works. "window": everywhere but in text fields. "centre": only while the
map or the list has the keyboard. "idle": where the focused widget doesn't use the key itself.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

if TYPE_CHECKING:
    from sliders_desktop.gui.main_window import MainWindow
    from sliders_desktop.session.session import Session

Scope = Literal["window", "centre", "idle"]
SEEK_S, LEAP_S = 5.0, 30.0
VOLUME_STEP = 0.05


@dataclass(frozen=True)
class Command:
    """One row; ``section`` is its menu. ``line`` draws one below it in the menu."""

    name: str
    section: str
    text: str
    keys: tuple[str, ...]
    slot: Callable[..., Any]
    scope: Scope = "window"
    checkable: bool = False
    in_menu: bool = True
    repeats: bool = False  # while the key is held
    said: str = ""  # other words for the sheet; "-" leaves the row out
    shown: str = ""  # other keys for the sheet, where several commands share a line
    line: bool = False


def tr(text: str) -> str:
    return QCoreApplication.translate("Commands", text)


# The tables are read as tables.
# fmt: off

def commands(session: "Session", window: "MainWindow") -> list[Command]:
    """The whole table, in the order of menus and sheet."""
    return [
        *_file(session, window), *_playback(session, window), *_sliders(session, window),
        *_view(window), *_moving(window), *_help(window),
    ]


def _file(session: "Session", window: "MainWindow") -> list[Command]:
    menu, work = tr("File"), session.work
    return [
        Command("add-folder", menu, tr("Add music folder…"), ("Ctrl+O",), window.choose_folder),
        Command("rescan", menu, tr("Look for new music"), ("F5",), work.rescan),
        Command("demo", menu, tr("Open the demo library"), (), work.open_demo, line=True),
        Command("open-slider", menu, tr("Open a slider…"), (), window.choose_slider, line=True),
        Command("new-playlist", menu, tr("New playlist…"), ("Ctrl+Shift+N",),
                window.playlist_wishes.new, said=tr("New playlist, of what is chosen")),
        Command("new-constellation", menu, tr("New constellation…"), (),
                window.constellation_wishes.new),
        Command("import-playlists", menu, tr("Import playlists…"), ("Ctrl+I",),
                window.playlist_wishes.ask_import),
        Command("export", menu, tr("Export what is shown as a playlist…"), ("Ctrl+E",),
                window.list_wishes.export_shown),
        Command("export-chosen", menu, tr("Export the chosen tracks as a playlist…"),
                ("Ctrl+Shift+E",), window.list_wishes.export_chosen),
        Command("picture", menu, tr("Save the map as a picture…"), (),
                window.list_wishes.save_picture, line=True),
        Command("teach", menu, tr("Teach Sliders my library…"), (), window.show_teaching),
        Command("listenbrainz", menu, tr("ListenBrainz…"), (), window.show_scrobbling),
        Command("problems", menu, tr("Problems…"), (), window.show_problems),
        Command("settings", menu, tr("Settings…"), ("Ctrl+,",), window.show_settings, line=True),
        Command("quit", menu, tr("Quit"), ("Ctrl+Q",), window.close),
    ]


def _playback(session: "Session", window: "MainWindow") -> list[Command]:
    menu, player, wishes = tr("Playback"), session.playback, window.wishes
    seek, louder = player.seek_by, partial(_louder, session)
    return [
        Command("toggle", menu, tr("Play or pause"),
                ("Space", "Media Play", "Toggle Media Play/Pause"), wishes.play_or_pause,
                shown=key_text("Space")),
        Command("pause", menu, tr("Pause"), ("Media Pause", "Media Stop"),
                partial(_pause, session), in_menu=False, said="-"),
        Command("next", menu, tr("Next track"), ("Ctrl+Right", "Media Next"), player.next,
                shown=key_text("Ctrl+Right")),
        Command("previous", menu, tr("Previous track"), ("Ctrl+Left", "Media Previous"),
                player.previous, shown=key_text("Ctrl+Left"), line=True),
        Command("back", menu, tr("Back 5 seconds"), ("Left",), partial(seek, -SEEK_S), "idle",
                in_menu=False, repeats=True, shown="← →",
                said=tr("Back, forward 5 s; with Shift 30 s")),
        Command("forward", menu, tr("Forward 5 seconds"), ("Right",), partial(seek, SEEK_S), "idle",
                in_menu=False, repeats=True, said="-"),
        Command("leap-back", menu, tr("Back 30 seconds"), ("Shift+Left",), partial(seek, -LEAP_S),
                "idle", in_menu=False, repeats=True, said="-"),
        Command("leap-forward", menu, tr("Forward 30 seconds"), ("Shift+Right",),
                partial(seek, LEAP_S), "idle", in_menu=False, repeats=True, said="-"),
        Command("play", menu, tr("Play the chosen tracks"), ("Return", "Enter"),
                wishes.play_chosen, "centre"),
        Command("play-next", menu, tr("Play the chosen tracks next"),
                ("Shift+Return", "Shift+Enter"), wishes.play_chosen_next, "centre"),
        Command("queue", menu, tr("Queue the chosen tracks"), ("Ctrl+Return", "Ctrl+Enter"),
                wishes.queue_chosen, "centre"),
        Command("radio", menu, tr("Radio from the chosen tracks"), ("R",),
                wishes.radio_from_chosen),
        Command("collect", menu, tr("Add to the constellation"), ("C",),
                window.constellation_wishes.collect,
                said=tr("Add the chosen tracks, or what plays, to the constellation")),
        Command("journey", menu, tr("Journey…"), ("J",), window.constellation_wishes.journey,
                line=True, said=tr("Journey from one track to another")),
        Command("shuffle", menu, tr("Shuffle"), (), player.set_shuffle, checkable=True),
        Command("louder", menu, tr("Louder"), ("Ctrl+Up",), partial(louder, VOLUME_STEP),
                repeats=True, said=tr("Louder, quieter"), shown="Ctrl+↑ ↓"),
        Command("quieter", menu, tr("Quieter"), ("Ctrl+Down",), partial(louder, -VOLUME_STEP),
                repeats=True, said="-"),
    ]


def _sliders(session: "Session", window: "MainWindow") -> list[Command]:
    menu, rack, wishes = tr("Sliders"), session.rack, window.wishes
    following, before = partial(rack.arm_step, 1), partial(rack.arm_step, -1)
    return [
        Command("new-slider", menu, tr("New slider…"), ("Ctrl+N",), window.new_slider),
        Command("share", menu, tr("Share the armed slider…"), (), window.share_slider, line=True),
        Command("all-sliders", menu, tr("All sliders…"), (), window.show_words),
        Command("history", menu, tr("History of ratings…"), ("Ctrl+H",), window.show_history),
        Command("export-ratings", menu, tr("Export ratings…"), (), window.files.ask_export),
        Command("import-ratings", menu, tr("Import ratings…"), (), window.files.ask_import,
                line=True),
        Command("arm-next", menu, tr("Next slider"), ("]",), following,
                said=tr("Previous, next slider"), shown="[ ]"),
        Command("arm-previous", menu, tr("Previous slider"), ("[",), before, said="-", line=True),
        Command("tab-next", menu, tr("Next slider"), ("Tab",), following, "centre", in_menu=False,
                said=tr("The same, while the map or the list has the keyboard"),
                shown=tr("Tab, Shift+Tab")),
        Command("tab-previous", menu, tr("Previous slider"), ("Shift+Tab",), before, "centre",
                in_menu=False, said="-"),
        Command("rate-1", menu, tr("Rate 1"), ("1",), partial(wishes.rate, 1), in_menu=False,
                said=tr("Rate what plays: 1 the low word, 5 neither, 9 the high word"),
                shown="1 – 9"),
        *(Command(f"rate-{n}", menu, tr("Rate {n}").format(n=n), (str(n),),
                  partial(wishes.rate, n), in_menu=False, said="-") for n in range(2, 10)),
        Command("unrate", menu, tr("Take the rating back"), ("0", "Backspace"), wishes.unrate),
        Command("rate-chosen-1", menu, tr("Rate the chosen tracks 1"), _beside_alt(1),
                partial(wishes.rate_chosen, 1), in_menu=False,
                said=tr("Rate what is chosen, or pointed at on the map; 0 takes it back"),
                shown=tr("{first} – 9").format(first=key_text("Alt+1"))),
        *(Command(f"rate-chosen-{n}", menu, tr("Rate the chosen tracks {n}").format(n=n),
                  _beside_alt(n), partial(wishes.rate_chosen, n), in_menu=False, said="-")
          for n in range(2, 10)),
        Command("unrate-chosen", menu, tr("Take the ratings of the chosen tracks back"),
                _beside_alt(0), wishes.unrate_chosen, in_menu=False, said="-"),
        Command("undo", menu, tr("Undo the last rating or change"), ("Ctrl+Z",), wishes.undo,
                line=True),
        Command("overlay", menu, tr("Rating overlay"), ("Ctrl+Shift+R",), window.set_overlay,
                checkable=True, said=tr("Rating overlay: a small window above all others")),
    ]


def _view(window: "MainWindow") -> list[Command]:
    menu = tr("View")
    return [
        Command("map-list", menu, tr("Map or list"), ("M",), window.toggle_view),
        Command("lasso", menu, tr("Lasso"), ("L",), window.toggle_lasso),
        Command("brush", menu, tr("Play where I point"), ("B",), window.centre.toggle_brush,
                said=tr("Play what the pointer rests on, on and on")),
        Command("go", menu, tr("Go to the playing track"), ("G",), window.go_to_playing),
        Command("map-back", menu, tr("Back on the map"), ("Alt+Left", "Back"),
                partial(window.centre.travel, -1), shown="Alt+← →",
                said=tr("Back, forward to where one was on the map")),
        Command("map-forward", menu, tr("Forward on the map"), ("Alt+Right", "Forward"),
                partial(window.centre.travel, 1), said="-"),
        Command("neighbourhood", menu, tr("Neighbourhood"), ("N",), window.show_neighbourhood,
                said=tr("Neighbourhood: what lies near on the map, as a list")),
        Command("map-undo", menu, tr("Take the last drawing of the map back"), (),
                window.centre.take_map_back),
        Command("search", menu, tr("Search"), ("/", "Ctrl+F"), window.start_search),
        Command("keep-search", menu, tr("Save as smart list…"), ("Ctrl+S",),
                window.list_wishes.keep_search, line=True),
        Command("compact", menu, tr("Compact"), ("Ctrl+M",), window.set_compact, checkable=True),
        Command("full-screen", menu, tr("Full screen"), ("F11",), window.set_full_screen,
                checkable=True),
    ]


def _moving(window: "MainWindow") -> list[Command]:
    section, move = tr("Moving about"), window.move_to_pane
    return [
        Command("pane-next", section, tr("Next part of the window"), ("F6", "Ctrl+Tab"),
                partial(move, 1), in_menu=False),
        Command("pane-previous", section, tr("Previous part of the window"),
                ("Shift+F6", "Ctrl+Shift+Tab"), partial(move, -1), in_menu=False,
                shown="Shift+F6"),
        Command("menu", section, tr("The menu"), ("F10",), window.open_menu, in_menu=False,
                shown=tr("F10, Alt")),
    ]


def _help(window: "MainWindow") -> list[Command]:
    menu = tr("Help")
    return [
        # Keyboards differ in whether "?" comes with Shift.
        Command("keys", menu, tr("Shortcuts"), ("?", "Shift+?", "F1"), window.show_keys,
                shown="?, F1"),
        Command("about", menu, tr("About Sliders"), (), window.show_about),
    ]

# fmt: on


def _beside_alt(digit: int) -> tuple[str, ...]:
    """Alt and a digit; on a Mac, where Option and a digit may type a letter, Command as well."""
    keys = (f"Alt+{digit}",)
    return (*keys, f"Ctrl+Alt+{digit}") if sys.platform == "darwin" else keys


def key_text(key: str) -> str:
    """A key as the listener's system writes it: “Ctrl+→”, “⌘F”."""
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    signs = {"Return": "Enter", "Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}
    for word, sign in signs.items():
        text = text.replace(word, sign)
    return text


def _pause(session: "Session") -> None:
    if session.playback.playing:
        session.playback.toggle()


def _louder(session: "Session", step: float) -> None:
    playback = session.playback
    playback.set_volume(min(1.0, max(0.0, playback.volume + step)))
