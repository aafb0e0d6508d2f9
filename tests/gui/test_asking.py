"""What the panel asks and answers: an offer, a test, finds, and two ratings that disagree."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from sliders_desktop.gui.slider_panel import SliderPanel
from sliders_desktop.gui.slider_row import TALL
from sliders_desktop.gui.test_yourself import TestYourself
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.library.store import Store
from sliders_desktop.session.keys import number_of
from sliders_desktop.session.session import Session

from .conftest import MakeSession

Key, Mod = Qt.Key, Qt.KeyboardModifier
COUNT = 60


@pytest.fixture
def session(make_session: MakeSession) -> Session:
    session = make_session(COUNT)
    session.playback.set_radio(False)  # it would import what ranks, which takes seconds
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session, theme: Theme) -> SliderPanel:
    panel = SliderPanel(session, theme)
    qtbot.addWidget(panel)
    panel.resize(330, 700)
    panel.show()
    with qtbot.waitActive(panel):
        panel.activateWindow()
    return panel


def settle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(session._jobs.idle, timeout=20_000)
    if session.playback.playing:
        qtbot.waitUntil(lambda: session.playback.position_s() > 0, timeout=30_000)


def learn(session: Session, qtbot: QtBot, until: Callable[[Slider], bool]) -> Slider:
    """Rate by the first number of each track's vector, until ``until``."""
    slider = session.rack.create("rainy night", "bright noon", "rainy night")
    vectors = session.catalogue.vectors
    assert vectors is not None
    for track, meaning in zip(vectors.ids, vectors.x[:, 0], strict=True):
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([int(track)], 1.0 if meaning > 0 else 0.0)
        if until(slider):
            return slider
    raise AssertionError("never")


def lit(session: Session, qtbot: QtBot) -> Slider:
    return learn(session, qtbot, lambda s: session.learned.lit(s.id))


# ── lighting up ─────────────────────────────────────────────────────────────────────────────────


def test_a_word_that_lights_shows_its_finds(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    said: list[str] = []
    session.learned.said.connect(said.append)
    assert not panel.finds.isVisible()
    slider = lit(session, qtbot)

    assert panel.finds.isVisible()
    assert panel.finds.sentence.text() == said[-1] + "."
    assert said[-1].startswith("I think I know what rainy night means – right about ")
    shown = [b for b in panel.finds.buttons if b.isVisible()]
    assert len(shown) == 3
    rated = session.rack.ratings(slider.id)
    assert all(b.property("track_id") not in rated for b in shown)

    qtbot.mouseClick(shown[1], Qt.MouseButton.LeftButton)
    assert session.playback.current is not None
    assert session.playback.current.id == shown[1].property("track_id")
    qtbot.mouseClick(panel.finds.close_button, Qt.MouseButton.LeftButton)
    assert not panel.finds.isVisible()
    settle(qtbot, session)


def test_finds_go_with_the_light(panel: SliderPanel, session: Session, qtbot: QtBot) -> None:
    slider = lit(session, qtbot)
    said: list[str] = []
    session.learned.said.connect(said.append)
    tracks = list(session.rack.ratings(slider.id))
    for track in tracks:
        with qtbot.waitSignal(session.learned.said, timeout=10_000):
            session.rack.rate([track], None)
        if not session.learned.lit(slider.id):
            break

    assert not panel.finds.isVisible()
    assert "lost its light: with what was taken back" in said[-1]


# ── what to rate next ───────────────────────────────────────────────────────────────────────────


def test_the_offer_says_why_and_can_be_passed_by(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    slider = learn(session, qtbot, lambda s: len(session.rack.ratings(s.id)) >= 4)
    offer = panel.rate_next
    assert offer.isVisible()
    tip = offer.button.toolTip()
    assert any(why in tip for why in ("I expect it at the end", "I am unsure about it"))

    seen = [session.suggesting.track]
    for _ in range(5):
        with qtbot.waitSignal(session.suggesting.changed):
            qtbot.mouseClick(offer.another, Qt.MouseButton.LeftButton)
        seen.append(session.suggesting.track)
    assert len(set(seen)) == len(seen)
    track = session.catalogue.track(seen[-1] or 0)
    assert track is not None
    assert track.title in offer.button.text()
    qtbot.mouseClick(offer.button, Qt.MouseButton.LeftButton)
    assert session.playback.current is not None
    assert session.playback.current.id == seen[-1]

    with qtbot.waitSignal(session.learned.said):  # what was passed by stays away
        session.rack.rate([session.playback.current.id], 1.0, slider.id)
    settle(qtbot, session)
    assert session.suggesting.track not in seen


def test_a_closed_offer_stays_closed_for_this_slider(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = learn(session, qtbot, lambda s: len(session.rack.ratings(s.id)) >= 2)
    qtbot.mouseClick(panel.rate_next.close_button, Qt.MouseButton.LeftButton)
    assert not panel.rate_next.isVisible()
    with qtbot.waitSignal(session.learned.said):
        session.rack.rate([int(session.catalogue.ids[9])], 1.0, slider.id)
    assert not panel.rate_next.isVisible()
    assert session.read_state("quiet_suggestions") == [slider.id]

    texts = {a.text(): a for a in panel.menu(slider.id).actions()}
    texts["Rate this next"].trigger()
    assert session.playback.current is not None
    assert panel.rate_next.isVisible()
    assert session.read_state("quiet_suggestions") == []
    settle(qtbot, session)


# ── two that disagree ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def confused(session: Session, panel: SliderPanel, qtbot: QtBot) -> tuple[Slider, int, int]:
    """A slider with two tracks of one sound at both ends."""
    vectors = session.catalogue.vectors
    assert vectors is not None
    x = vectors.x.copy()
    x[1] = x[0] + 0.01
    session.catalogue._set_vectors(type(vectors)(vectors.encoder_id, vectors.ids, x))
    slider = session.rack.create("rainy night", "bright noon", "rainy night")
    first, second = (int(i) for i in vectors.ids[:2])
    rng = np.random.default_rng(5)
    values = [0.0, 1.0, *(float(rng.random() > 0.5) for _ in range(10))]
    for track, value in zip(vectors.ids, values, strict=False):
        session.rack.rate([int(track)], value)
    settle(qtbot, session)
    assert session.learned.status(slider.id).state == "confused"
    assert set(session.learned.status(slider.id).disagreeing or ()) == {first, second}
    return slider, first, second


def test_both_can_be_heard_and_kept(
    panel: SliderPanel, session: Session, confused: tuple[Slider, int, int], qtbot: QtBot
) -> None:
    slider, first, second = confused
    row = panel.rows[slider.id]
    pair = row._pair
    assert row.height() == TALL
    assert sorted(b.property("track_id") for b in pair.buttons) == [first, second]
    assert sorted(b.text()[-4:] for b in pair.buttons) == [" · 1", " · 9"]
    for button in pair.buttons:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert session.playback.current is not None
        assert session.playback.current.id == button.property("track_id")

    qtbot.mouseClick(pair.keep, Qt.MouseButton.LeftButton)
    settle(qtbot, session)
    assert session.learned.status(slider.id).disagreeing is None
    assert not pair.isVisible()
    assert session.rack.rating(first, slider.id) == 0.0
    assert session.rack.rating(second, slider.id) == 1.0


def test_one_of_them_is_rated_again(
    panel: SliderPanel, session: Session, confused: tuple[Slider, int, int], qtbot: QtBot
) -> None:
    slider, first, second = confused
    session.rack.create("danceable", "still", "danceable")
    pair = panel.rows[slider.id]._pair
    messages: list[str] = []
    session.message.connect(lambda sentence, kind: messages.append(sentence))

    qtbot.mouseClick(pair.change, Qt.MouseButton.LeftButton)
    assert session.rack.armed is not None
    assert session.rack.armed.id == slider.id
    assert session.playback.current is not None
    assert session.playback.current.id == first  # the one rated first
    assert "again on rainy night: 1 to 9" in messages[-1]

    session.rack.rate([first], 1.0)
    settle(qtbot, session)
    assert session.learned.status(slider.id).disagreeing is None


# ── test yourself ───────────────────────────────────────────────────────────────────────────────


def begin(
    panel: SliderPanel, session: Session, slider: Slider, qtbot: QtBot, theme: Theme
) -> TestYourself:
    texts = {a.text(): a for a in panel.menu(slider.id).actions()}
    with qtbot.waitSignal(session.testing.chosen):
        texts["Test yourself…"].trigger()
    (dialog,) = panel.findChildren(TestYourself)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    return dialog


def test_five_tracks_are_rated_blind_and_then_revealed(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = lit(session, qtbot)
    before = dict(session.rack.ratings(slider.id))
    dialog = begin(panel, session, slider, qtbot, theme)
    test = session.testing.test
    assert test is not None
    assert not set(test.tracks) & set(before)
    assert all(session.learned.percentile(slider.id, i) is None for i in test.tracks)
    assert all(not row.scale.isVisible() for row in dialog.rows)

    qtbot.keyClick(dialog, Key.Key_Return)
    assert session.playback.current is not None
    assert session.playback.current.id == test.tracks[0]
    for number in (2, 9, 4, 7):
        at = dialog._at
        qtbot.keyClick(dialog, Qt.Key(Key.Key_0 + number))
        assert number_of(session.rack.rating(test.tracks[at], slider.id) or 0.0) == number
        assert dialog.rows[at].keys[number - 1].isChecked()
        assert session.playback.current.id == test.tracks[dialog._at]
    assert session.testing.result is None
    with Store.open(session.paths.database) as store:  # saved as given, before the end
        assert len(store.ratings(slider.id)) == len(before) + 4
    qtbot.keyClick(dialog, Key.Key_Up)
    qtbot.keyClick(dialog, Key.Key_Down)
    qtbot.mouseClick(dialog.rows[dialog._at].keys[4], Qt.MouseButton.LeftButton)

    assert session.testing.result is not None
    assert [number_of(v) for v in session.testing.result] == [2, 9, 4, 7, 5]
    right, pairs = session.testing.score()
    assert pairs == 10
    assert f"Right on {right} of 10 pairs" in dialog.says.text()
    for row, guess in zip(dialog.rows, test.predicted, strict=True):
        assert row.scale.isVisible()
        assert row.scale.predicted == guess
        assert not any(key.isVisible() for key in row.keys)
    assert session.learned.fitted(slider.id) is not None

    qtbot.keyClick(dialog, Key.Key_Z, Mod.ControlModifier)
    assert len(session.rack.ratings(slider.id)) == len(before) + 4
    assert session.testing.result is not None  # what was revealed stays
    dialog.close()
    assert session.testing.test is None
    settle(qtbot, session)


def test_a_test_is_left_without_losing_a_rating(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = lit(session, qtbot)
    count = len(session.rack.ratings(slider.id))
    dialog = begin(panel, session, slider, qtbot, theme)
    test = session.testing.test
    assert test is not None
    qtbot.keyClick(dialog, Key.Key_3)
    qtbot.keyClick(dialog, Key.Key_8)
    qtbot.keyClick(dialog, Key.Key_Up)
    qtbot.keyClick(dialog, Key.Key_0)
    qtbot.keyClick(dialog, Key.Key_Escape)

    assert not dialog.isVisible()
    assert len(session.rack.ratings(slider.id)) == count + 1
    settle(qtbot, session)
    if session.learned.lit(slider.id):
        assert session.learned.percentile(slider.id, test.tracks[0]) is not None


def test_with_too_few_tracks_left_it_says_so(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = lit(session, qtbot)
    vectors = session.catalogue.vectors
    assert vectors is not None
    rest = [int(i) for i in vectors.ids[:-4] if int(i) not in session.rack.ratings(slider.id)]
    rows = {int(i): at for at, i in enumerate(vectors.ids)}
    with qtbot.waitSignals([session.learned.said_of_many] * 2, timeout=20_000):
        for high in (True, False):
            chosen = [i for i in rest if (vectors.x[rows[i], 0] > 0) == high]
            session.rack.rate(chosen, float(high), slider.id)
            settle(qtbot, session)
    assert session.learned.status(slider.id).state in ("lit", "dim")

    dialog = TestYourself(session, theme, slider.id, panel)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: "and there are 4" in dialog.says.text())
    assert not any(row.isVisible() for row in dialog.rows)
    settle(qtbot, session)


def test_a_dark_slider_is_not_tested(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot
) -> None:
    slider = learn(session, qtbot, lambda s: len(session.rack.ratings(s.id)) >= 2)
    assert "Test yourself…" not in [a.text() for a in panel.menu(slider.id).actions()]
    dialog = TestYourself(session, theme, slider.id, panel)
    qtbot.addWidget(dialog)
    session.testing.begin(slider.id)
    assert "does not know enough" in dialog.says.text()


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_everything_new_is_named(
    panel: SliderPanel, session: Session, theme: Theme, qtbot: QtBot, choice: str
) -> None:
    theme.set_choice(choice)
    slider = lit(session, qtbot)
    dialog = begin(panel, session, slider, qtbot, theme)
    for place in (dialog, panel):
        for button in place.findChildren(QAbstractButton):
            if button.isVisible():
                assert button.accessibleName() or button.text()
                assert button.toolTip(), button.text()
        assert not place.grab().isNull()
    dialog.close()
    settle(qtbot, session)


# ── other ears ──────────────────────────────────────────────────────────────────────────────────


def test_a_change_of_encoder_is_told_once(
    panel: SliderPanel, session: Session, qtbot: QtBot
) -> None:
    slider = lit(session, qtbot)
    settle(qtbot, session)
    vectors = session.catalogue.vectors
    assert vectors is not None
    said: list[str] = []
    session.learned.said.connect(said.append)
    with Store.open(session.paths.database) as store:
        encoder = store.use_encoder("other", "other", vectors.x.shape[1])
    noise = np.random.default_rng(9).normal(size=vectors.x.shape).astype(np.float32)
    other = type(vectors)(encoder, vectors.ids, noise)

    session.catalogue._set_vectors(other)
    session.catalogue._set_vectors(other)
    settle(qtbot, session)

    assert said == ["With the new ears: rainy night went dark"]
    session.catalogue._set_vectors(vectors)
    settle(qtbot, session)
    assert len(said) == 2
    assert said[1].startswith("With the new ears: rainy night is lit now (right ")
    assert session.learned.lit(slider.id)
