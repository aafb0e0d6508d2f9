"""Handles through the real session: what they do to Up next, how they are kept, when they rest."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from sliders_desktop.errors import UserError
from sliders_desktop.gui.preset_menu import PresetMenu
from sliders_desktop.gui.theme import Theme
from sliders_desktop.library.records import Slider
from sliders_desktop.library.store import Store
from sliders_desktop.session.pull_words import pull_sentence, pull_text, summary
from sliders_desktop.session.session import Session
from sliders_desktop.session.steering import Handle
from sliders_desktop.tasks import Knobs

from .conftest import MakeSession

TRACKS, RATED = 120, 50


def teach(session: Session, qtbot: QtBot, name: str, axis: int) -> Slider:
    """A word that means one direction of the vectors, rated until it is lit."""
    vectors = session.catalogue.vectors
    assert vectors is not None
    slider = session.rack.create(name, f"not {name}", name)
    for value, side in ((1.0, vectors.x[:RATED, axis] > 0), (0.0, vectors.x[:RATED, axis] <= 0)):
        session.rack.rate(vectors.ids[:RATED][side].tolist(), value, slider.id)
    qtbot.waitUntil(lambda: session.learned.lit(slider.id), timeout=20_000)
    qtbot.waitUntil(session._jobs.idle)
    return slider


@pytest.fixture
def steered(make_session: MakeSession, qtbot: QtBot) -> tuple[Session, Slider, Slider]:
    """120 tracks, two lit words, and a radio that follows one track."""
    session = make_session(TRACKS)
    first, second = teach(session, qtbot, "calm", 0), teach(session, qtbot, "warm", 1)
    session.playback.set_knobs(Knobs(near_far=0.0))
    session.playback.radio_from([int(session.catalogue.vector_ids[100])])
    session.playback.toggle()
    qtbot.waitUntil(lambda: len(session.playback.up_next) >= 20, timeout=20_000)
    settle(session, qtbot)
    return session, first, second


def settle(session: Session, qtbot: QtBot) -> None:
    """Until the newest order has come."""
    qtbot.wait(80)
    qtbot.waitUntil(session._jobs.idle)


def coming(session: Session) -> list[int]:
    return [item.track_id for item in session.playback.up_next]


def mean(session: Session, slider: Slider) -> float:
    return float(np.mean(ranks(session, slider)))


def ranks(session: Session, slider: Slider) -> list[float]:
    found = [session.learned.percentile(slider.id, track_id) for track_id in coming(session)[:12]]
    return [rank for rank in found if rank is not None]


def put(session: Session, qtbot: QtBot, slider: Slider, handle: Handle | None) -> None:
    session.steering.set_handle(slider.id, handle)
    settle(session, qtbot)


def test_two_handles_pull_together(steered: tuple[Session, Slider, Slider], qtbot: QtBot) -> None:
    session, first, second = steered
    session.steering.set_all({first.id: Handle(0.9), second.id: Handle(0.1)})
    settle(session, qtbot)
    assert mean(session, first) > 0.65
    assert mean(session, second) < 0.35

    session.steering.set_all({first.id: Handle(0.1), second.id: Handle(0.9)})
    settle(session, qtbot)
    assert mean(session, first) < 0.35
    assert mean(session, second) > 0.65


def test_a_weaker_handle_pulls_less(steered: tuple[Session, Slider, Slider], qtbot: QtBot) -> None:
    session, first, _ = steered
    found = []
    for strength in (0.0, 0.15, 1.0):
        put(session, qtbot, first, Handle(1.0, strength))
        found.append(mean(session, first))

    assert found[0] < found[1] < found[2]


def test_muted_or_without_strength_is_exactly_no_handle(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, second = steered
    put(session, qtbot, second, Handle(0.8))
    alone = coming(session)
    put(session, qtbot, first, Handle(0.05))
    assert coming(session) != alone
    assert any("calm" in item.reason for item in session.playback.up_next)

    session.steering.mute(first.id, True)
    settle(session, qtbot)
    assert coming(session) == alone
    reasons = [item.reason for item in session.playback.up_next]
    assert not any("calm" in reason for reason in reasons)
    assert all(reason.startswith("warm ") for reason in reasons)

    put(session, qtbot, first, Handle(0.05, strength=0.0))
    assert coming(session) == alone
    session.steering.mute(first.id, False)
    put(session, qtbot, first, Handle(0.5, tolerance=0.5))  # everything is as good
    assert coming(session) == alone


def test_tolerance_widens(steered: tuple[Session, Slider, Slider], qtbot: QtBot) -> None:
    session, first, _ = steered
    spreads = []
    for tolerance in (0.0, 0.3):
        put(session, qtbot, first, Handle(0.5, tolerance=tolerance))
        spreads.append(float(np.std(ranks(session, first))))

    assert spreads[1] > 1.5 * spreads[0]


def test_reasons_name_each_slider_that_pulls(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, second = steered
    session.steering.set_all({first.id: Handle(0.7), second.id: Handle(0.3)})
    settle(session, qtbot)

    for item in session.playback.up_next:
        said = [text for text, kind in item.parts if kind == "slider"]
        wanted = [
            f"{s.name} {round(100 * (session.learned.percentile(s.id, item.track_id) or 0))}"
            for s in (first, second)
        ]
        assert [text.rstrip("stndrh") for text in said] == wanted


def test_while_dragged_the_music_follows_and_the_last_place_wins(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, _ = steered
    orders: list[list[int]] = []
    session.playback.queue_changed.connect(lambda: orders.append(coming(session)))
    for at in range(30):
        session.steering.set_target(first.id, at / 29)
        qtbot.wait(8)
    settle(session, qtbot)
    dragged = coming(session)

    assert len({tuple(order) for order in orders}) >= 4  # not only at the end
    session.steering.set_all({})
    settle(session, qtbot)
    put(session, qtbot, first, Handle(1.0))
    assert coming(session) == dragged


def test_a_slider_that_goes_dark_rests_and_is_told_once(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, _ = steered
    plain = coming(session)
    put(session, qtbot, first, Handle(0.02))
    assert coming(session) != plain
    said: list[str] = []
    session.message.connect(lambda text, kind: said.append(text))
    fitted = session.learned.fitted(first.id)
    assert fitted is not None

    session.learned._set_fitted(replace(fitted, state="listening"))
    settle(session, qtbot)

    assert said == ["calm lost its light. Its handle rests until it is lit again."]
    assert session.steering.handle(first.id) is None
    assert coming(session) == plain
    session.learned._set_fitted(fitted)
    settle(session, qtbot)
    assert session.steering.target(first.id) == 0.02
    assert coming(session) != plain
    assert len(said) == 1


def test_handles_are_kept_when_they_rest(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, _ = steered
    session.steering.set_handle(first.id, Handle(0.7, 0.5, 0.1, muted=True))

    def kept() -> object:
        with Store.open(session.paths.database) as store:
            return store.settings().get("state.handles")

    qtbot.waitUntil(lambda: "0.7" in str(kept()))
    read = session.steering.read(session.read_state("handles"))
    assert read == {first.id: Handle(0.7, 0.5, 0.1, muted=True)}


def test_a_preset_brings_all_handles_back_at_once(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, second = steered
    wanted = {first.id: Handle(0.9, 0.8, 0.05), second.id: Handle(0.2, muted=True)}
    session.steering.set_all(wanted)
    settle(session, qtbot)
    order = coming(session)
    session.presets.keep("Sunday morning")
    session.steering.set_all({})
    settle(session, qtbot)
    assert coming(session) != order
    (preset,) = session.presets.all()
    assert not session.presets.stands(preset)
    pulls: list[None] = []
    session.steering.pull_changed.connect(lambda: pulls.append(None))

    said = session.presets.use(preset)
    settle(session, qtbot)

    assert said == "Sunday morning: the handles are set."
    assert {s.id: h for s, h in session.steering.handles()} == wanted
    assert session.presets.stands(preset)
    assert len(pulls) == 1
    assert coming(session) == order


def test_a_preset_says_which_of_its_sliders_cannot_pull(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, second = steered
    third = teach(session, qtbot, "old", 2)
    session.steering.set_all({s.id: Handle(0.9) for s in (first, second, third)})
    session.presets.keep("all three")
    session.rack.delete(second.id)
    fitted = session.learned.fitted(first.id)
    assert fitted is not None
    session.learned._set_fitted(replace(fitted, state="dim"))

    said = session.presets.use(session.presets.all()[0])

    assert said == "all three: the handles are set. calm will pull once lit. warm is gone."
    assert [s.name for s, _ in session.steering.handles()] == ["old"]
    settle(session, qtbot)


def test_presets_are_changed_and_every_change_is_undone(
    steered: tuple[Session, Slider, Slider], qtbot: QtBot
) -> None:
    session, first, _ = steered
    presets, rack = session.presets, session.rack
    with pytest.raises(UserError, match="Move a handle first"):
        presets.keep("nothing")
    session.steering.set_handle(first.id, Handle(0.9))
    with pytest.raises(UserError):
        presets.keep("  ")
    presets.keep("slow")
    presets.keep("other")
    session.steering.set_handle(first.id, Handle(0.1))
    presets.keep("SLOW")
    slow = presets.named("slow")
    assert slow is not None
    assert [p.name for p in presets.all()] == ["other", "slow"]
    assert session.steering.read(slow.handles) == {first.id: Handle(0.1)}
    assert rack.undo() == "Took back changing the preset slow."
    slow = presets.named("slow")
    assert slow is not None
    assert session.steering.read(slow.handles) == {first.id: Handle(0.9)}

    with pytest.raises(UserError, match="already"):
        presets.rename(slow, "Other")
    presets.rename(slow, "Slow")
    presets.rename(presets.named("slow") or slow, "slower")
    assert [p.name for p in presets.all()] == ["other", "slower"]
    rack.undo()
    rack.undo()
    assert [p.name for p in presets.all()] == ["other", "slow"]

    presets.delete(presets.all()[1])
    assert [p.name for p in presets.all()] == ["other"]
    assert rack.undo() == "Took back deleting the preset slow."
    assert [p.name for p in presets.all()] == ["other", "slow"]
    settle(session, qtbot)


def test_a_handle_in_words() -> None:
    assert pull_text(Handle(0.8)) == "80th"
    assert pull_text(Handle(0.8, 0.7, 0.1)) == "80th ± 10 · 70 %"
    assert pull_text(Handle(0.01, muted=True)) == "1st · muted"
    assert pull_sentence(Handle(0.8, 0.7, 0.1)) == (
        "pulls to the 80th percentile, ± 10, strength 70 %"
    )
    assert summary([]) == "No handle pulls now."
    assert summary([("calm", Handle(0.5, muted=True))]) == (
        "Now calm muted at the 50th percentile, ± 0, strength 100 %."
    )


@pytest.mark.parametrize(
    ("stored", "wanted"),
    [
        (0.4, Handle(0.4)),
        ({"target": 2, "strength": -1, "unknown": 3}, Handle(1.0, 0.0)),
        ({"target": float("nan")}, None),
        ({"target": "high"}, None),
        ({}, None),
        (True, None),
        ([0.4], None),
    ],
)
def test_what_was_kept_is_read_with_care(stored: object, wanted: Handle | None) -> None:
    assert Handle.from_stored(stored) == wanted


def test_the_handles_alone_lead_a_radio(
    make_session: MakeSession, theme: Theme, qtbot: QtBot
) -> None:
    session = make_session(TRACKS)
    slider = teach(session, qtbot, "calm", 0)
    menu = PresetMenu(session, theme)
    qtbot.addWidget(menu)

    def entry() -> QAction:
        texts = {action.text(): action for action in menu.menu().actions()}
        return texts["Radio from these handles"]

    assert not entry().isEnabled()
    session.steering.set_handle(slider.id, Handle(1.0))
    entry().trigger()
    qtbot.waitUntil(lambda: session.playback.current is not None)
    qtbot.waitUntil(lambda: len(session.playback.up_next) > 10)
    session.playback.toggle()
    qtbot.waitUntil(session._jobs.idle)
    ids = [item.track_id for item in session.playback.up_next[:10]]
    ranks = [session.learned.percentile(slider.id, i) or 0.0 for i in ids]
    assert sum(ranks) / len(ranks) > 0.8
