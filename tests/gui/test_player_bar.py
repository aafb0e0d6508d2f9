"""The bar that plays: what it shows, what its mouse and keys do."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.covers import Covers
from sliders_desktop.gui.player_bar import PlayerBar
from sliders_desktop.gui.theme import Theme
from sliders_desktop.gui.waveform import Waveform, clock
from sliders_desktop.session.session import Session

from .conftest import SECONDS, MakeSession


@pytest.fixture
def bar(qtbot: QtBot, session: Session, theme: Theme, covers: Covers) -> PlayerBar:
    bar = PlayerBar(session, theme, covers)
    qtbot.addWidget(bar)
    bar.resize(1440, bar.height())
    bar.show()
    return bar


def _play(session: Session) -> int:
    ids = [int(i) for i in session.catalogue.ids]
    session.playback.play(ids)
    return ids[0]


def test_clock() -> None:
    assert [clock(s) for s in (-1, 0, 59.9, 248, 3723)] == [
        "0:00",
        "0:00",
        "0:59",
        "4:08",
        "1:02:03",
    ]


def test_says_that_nothing_plays(bar: PlayerBar) -> None:
    assert bar.title.text() == "Nothing plays yet"
    assert not bar.transport.next.isEnabled()
    assert not any(key.isEnabled() for key in bar.rating.keys)
    assert bar.waveform.maximum() == 0


def test_shows_what_plays(bar: PlayerBar, session: Session) -> None:
    _play(session)
    assert bar.title.text() == "Low Tide"
    assert bar.subtitle.text() == "Coastal Static — Northern Rooms"
    assert bar.played.text() == "0:00"
    assert bar.total.text() == "−" + clock(SECONDS)
    assert bar.transport.play.accessibleName() == "Pause"
    bar.transport.play.click()
    assert bar.transport.play.accessibleName() == "Play"
    assert not session.playback.playing


def test_time_is_asked_for_only_while_it_moves_and_is_seen(
    bar: PlayerBar, session: Session
) -> None:
    assert not bar._timer.isActive()
    _play(session)
    assert bar._timer.isActive()
    bar.hide()
    assert not bar._timer.isActive()
    bar.show()
    assert bar._timer.isActive()
    session.playback.toggle()
    assert not bar._timer.isActive()


def test_modes_follow_the_session_and_the_mouse(bar: PlayerBar, session: Session) -> None:
    session.playback.set_shuffle(True)
    assert bar.transport.shuffle.isChecked()
    bar.transport.shuffle.click()
    assert not session.playback.shuffle
    seen = []
    for _ in range(4):
        seen.append(session.playback.repeat)
        bar.transport.repeat.click()
    assert seen == ["off", "all", "one", "off"]
    was = session.playback.radio
    bar.sound.radio.click()
    assert session.playback.radio is not was


def test_mute_gives_the_volume_back(bar: PlayerBar, session: Session) -> None:
    session.playback.set_volume(0.6)
    bar.sound.mute.click()
    assert session.playback.volume == 0.0
    assert bar.sound.volume.value() == 0
    bar.sound.mute.click()
    assert session.playback.volume == pytest.approx(0.6)


def test_volume_by_mouse(bar: PlayerBar, session: Session, qtbot: QtBot) -> None:
    qtbot.mouseClick(
        bar.sound.volume, Qt.MouseButton.LeftButton, pos=QPoint(bar.sound.volume.width() // 2, 12)
    )
    assert session.playback.volume == pytest.approx(0.5, abs=0.03)


def test_waveform_seeks_by_mouse_and_keys(qtbot: QtBot, theme: Theme) -> None:
    wave = Waveform(theme)
    qtbot.addWidget(wave)
    wave.resize(400, 44)
    wave.set_duration(100)
    wave.set_peaks(np.arange(400, dtype=np.uint8))
    wave.show()
    sought: list[float] = []
    wave.sought.connect(sought.append)
    qtbot.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(200, 20))
    qtbot.keyClick(wave, Qt.Key.Key_Right)
    qtbot.keyClick(wave, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(wave, Qt.Key.Key_Home)
    assert sought == pytest.approx([50, 55, 25, 0])


def test_a_drag_seeks_once_where_it_ends_and_time_waits_meanwhile(
    qtbot: QtBot, theme: Theme
) -> None:
    wave = Waveform(theme)
    qtbot.addWidget(wave)
    wave.resize(400, 44)
    wave.set_duration(100)
    wave.show()
    sought: list[float] = []
    wave.sought.connect(sought.append)
    qtbot.mousePress(wave, Qt.MouseButton.LeftButton, pos=QPoint(100, 20))
    qtbot.mouseMove(wave, QPoint(300, 20))
    assert sought == []
    qtbot.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=QPoint(300, 20))
    assert sought == pytest.approx([75], abs=0.5)


def test_a_drag_can_be_taken_back(
    bar: PlayerBar, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    _play(session)
    qtbot.waitUntil(lambda: session.playback.position_s() > 0)
    session.playback.toggle()
    before = session.playback.position_s()
    sought: list[float] = []
    bar.waveform.sought.connect(sought.append)
    place = QPoint(bar.waveform.width() * 3 // 4, 20)
    qtbot.mousePress(bar.waveform, Qt.MouseButton.LeftButton, pos=place)
    assert (bar.played.text(), bar.total.text()) == ("0:01", "−0:01")
    qtbot.keyClick(bar.waveform, Qt.Key.Key_Escape)
    assert bar.played.text() == clock(before)
    qtbot.mouseRelease(bar.waveform, Qt.MouseButton.LeftButton, pos=place)
    assert sought == []


def test_time_left_or_the_whole_time(
    bar: PlayerBar, session: Session, theme: Theme, covers: Covers, qtbot: QtBot
) -> None:
    _play(session)
    qtbot.waitUntil(lambda: session.playback.position_s() > 0)
    session.playback.toggle()
    session.playback.seek(1.2)
    assert (bar.played.text(), bar.total.text()) == ("0:01", "−0:01")
    assert "left" in bar.total.accessibleName()
    bar.total.click()
    assert bar.total.text() == clock(SECONDS)
    assert "Whole" in bar.total.accessibleName()
    again = PlayerBar(session, theme, covers)  # remembers
    qtbot.addWidget(again)
    assert again.total.text() == clock(SECONDS)


def test_a_screen_reader_hears_seconds_and_their_sum(qtbot: QtBot, theme: Theme) -> None:
    wave = Waveform(theme)
    qtbot.addWidget(wave)
    wave.set_duration(248.0)
    wave.set_seconds(102.4)
    assert (wave.value(), wave.maximum()) == (102, 248)
    assert wave.accessibleDescription() == "1:42 of 4:08"


def test_the_volume_says_what_even_loudness_does(bar: PlayerBar, session: Session) -> None:
    _play(session)
    assert "Even loudness: +0.0 dB, by album" in bar.sound.volume.toolTip()
    session.set_setting("loudness", "off")
    assert "Even loudness" not in bar.sound.volume.toolTip()


def test_silence_has_no_place_to_seek(qtbot: QtBot, theme: Theme) -> None:
    wave = Waveform(theme)
    qtbot.addWidget(wave)
    wave.set_duration(0)
    assert not wave.isEnabled()


def test_without_a_slider_one_is_offered(bar: PlayerBar, qtbot: QtBot) -> None:
    assert bar.rating.invent.isVisible()
    assert not bar.rating.keys[0].isVisible()
    with qtbot.waitSignal(bar.new_slider_wanted):
        bar.rating.invent.click()


def test_nine_keys_rate_what_plays(bar: PlayerBar, session: Session, qtbot: QtBot) -> None:
    slider = session.rack.create("rainy night", "bright noon", "rainy night")
    session.rack.arm(slider.id)
    track = _play(session)
    bar.rating.keys[7].click()
    assert session.rack.rating(track, slider.id) == pytest.approx(7 / 8)
    assert [key.number for key in bar.rating.keys if key.isChecked()] == [8]
    assert "bright noon" in bar.rating.keys[0].toolTip()
    assert "rainy night" in bar.rating.keys[8].accessibleName()
    bar.rating.keys[0].click()
    assert [key.number for key in bar.rating.keys if key.isChecked()] == [1]
    with qtbot.waitSignal(session.playback.current_changed):
        session.playback.next()
    assert not any(key.isChecked() for key in bar.rating.keys)


def test_compact_keeps_everything(bar: PlayerBar, session: Session, qtbot: QtBot) -> None:
    session.rack.create("rainy night", "bright noon", "rainy night")
    for compact, width in ((True, 384), (False, 1000)):
        bar.set_compact(compact)
        qtbot.wait(10)  # the layout settles
        bar.resize(width, bar.height())
        qtbot.wait(10)
        parts = (bar.cover, bar.transport.play, bar.waveform, bar.sound.radio, bar.rating)
        for part in parts:
            at = part.mapTo(bar, QPoint(0, 0))
            assert part.isVisible()
            assert at.x() >= 0
            assert at.x() + part.width() <= width


def test_every_control_has_a_name(make_session: MakeSession, bar: PlayerBar) -> None:
    transport, sound = bar.transport, bar.sound
    parts: list[QWidget] = [
        bar.cover,
        bar.waveform,
        bar.total,
        bar.rating.invent,
        sound.radio,
        sound.mute,
    ]
    parts += [sound.volume, transport.shuffle, transport.previous, transport.play, transport.next]
    for part in [*parts, transport.repeat]:
        assert part.accessibleName()
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus
