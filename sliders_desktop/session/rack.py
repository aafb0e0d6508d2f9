"""The listener's words and what was rated on them; main thread, each rating on disk at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.library.records import Slider
from sliders_desktop.library.store import Store
from sliders_desktop.session.keys import number_of
from sliders_desktop.session.undo import Undo

Values = Sequence[tuple[int, float | None]]  # (track, value, or None for no rating)


class Rack(QObject):
    """Signals:
    sliders_changed(): words came, went or read otherwise. armed_changed().
    rated(int, int, object, str): track, slider, value or None, what it did.
    ratings_changed(int): a slider's ratings are others than before, once for many at a time.
    rated_many(int, str): several tracks were rated at once; what it did, without the slider's name.
    """

    sliders_changed = Signal()
    armed_changed = Signal()
    rated = Signal(int, int, object, str)
    rated_many = Signal(int, str)
    ratings_changed = Signal(int)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.sliders: list[Slider] = store.sliders()
        self._armed_id: int | None = self.sliders[0].id if self.sliders else None
        self._ratings: dict[int, dict[int, float]] = {s.id: self._read(s.id) for s in self.sliders}
        self._steps = Undo()

    def _read(self, slider_id: int) -> dict[int, float]:
        kept = self._store.ratings(slider_id)
        return {r.track_id: r.value for r in kept if r.value is not None}

    # the words

    @property
    def armed(self) -> Slider | None:
        return next((s for s in self.sliders if s.id == self._armed_id), None)

    def slider(self, slider_id: int) -> Slider | None:
        return next((s for s in self.sliders if s.id == slider_id), None)

    def named(self, name: str) -> Slider | None:
        """The slider called so, whatever its case."""
        wanted = name.strip().casefold()
        return next((s for s in self.sliders if s.name.casefold() == wanted), None)

    def arm(self, slider_id: int) -> None:
        """The keys 1 to 9 rate on this slider from now on."""
        if slider_id != self._armed_id and self.slider(slider_id) is not None:
            self._armed_id = slider_id
            self.armed_changed.emit()

    def arm_step(self, step: int) -> None:
        """Arm the slider ``step`` rows further down, around the end."""
        if self.sliders:
            ids = [s.id for s in self.sliders]
            at = ids.index(self._armed_id) if self._armed_id in ids else -step
            self.arm(ids[(at + step) % len(ids)])

    def create(
        self, name: str, low: str, high: str, description: str = "", color: str = ""
    ) -> Slider:
        """A new word; `UserError` where the name is empty or taken."""
        slider = self._store.create_slider(name, low, high, description, color)
        self.reload()
        self.arm(slider.id)
        if self._ratings[slider.id]:  # an archived one came back
            self.ratings_changed.emit(slider.id)
        return slider

    def take_in(self, shared: "tasks.SharedSlider", text: str, name: str) -> Slider:
        """A slider that came as a file of ``text``; `UserError` if the name is empty or taken."""
        slider_id = tasks.take_in(self._store, shared, text, name)
        what = f"taking in {name.strip()}"
        self._steps.remember(what, (slider_id,), self._away, slider_id, self._store.delete_slider)
        self.reload()
        self.arm(slider_id)
        self.ratings_changed.emit(slider_id)
        slider = self.slider(slider_id)
        assert slider is not None
        return slider

    def edit(
        self, slider_id: int, name: str, low: str, high: str, description: str | None = None
    ) -> None:
        """Other words for the same ratings; `UserError` where the name is empty or taken."""
        slider = self.slider(slider_id)
        self._store.rename_slider(slider_id, name, low, high, description)
        self.reload()
        if slider is not None and slider != self.slider(slider_id):
            before = (slider.name, slider.low_label, slider.high_label, slider.description)
            self._steps.remember(
                f"renaming {slider.name}", (slider_id,), self._rename, slider_id, *before
            )

    def _rename(self, slider_id: int, *words: str) -> None:
        self._store.rename_slider(slider_id, *words)
        self.reload()

    def move(self, slider_id: int, to: int) -> None:
        """Give a slider the place ``to`` among the others, 0 the first."""
        before = [s.id for s in self.sliders]
        after = [i for i in before if i != slider_id]
        after.insert(max(0, min(to, len(after))), slider_id)
        if slider_id in before and after != before:
            self._order(after)
            name = next(s.name for s in self.sliders if s.id == slider_id)
            self._steps.remember(f"moving {name}", (), self._order, before)

    def move_step(self, slider_id: int, step: int) -> None:
        """``step`` rows further down."""
        ids = [s.id for s in self.sliders]
        if slider_id in ids:
            self.move(slider_id, max(0, ids.index(slider_id) + step))

    def _order(self, ids: list[int]) -> None:
        self._store.order_sliders(ids)
        self.reload()

    def archive(self, slider_id: int) -> None:
        """Put a slider away; its ratings stay."""
        slider = self.slider(slider_id)
        if slider is not None:
            was_armed = slider_id == self._armed_id
            self._store.archive_slider(slider_id)
            what = f"putting {slider.name} away"
            self._steps.remember(what, (slider_id,), self._back, slider_id, False, was_armed)
            self.reload()

    def delete(self, slider_id: int) -> None:
        """Out of sight, with its ratings; until `bring_back`, or until thirty days are over."""
        in_use = self.slider(slider_id)
        slider = in_use or next((s for s in self.archived() if s.id == slider_id), None)
        if slider is not None:
            was_armed = slider_id == self._armed_id
            self._store.delete_slider(slider_id)
            what = f"deleting {slider.name}"
            self._steps.remember(
                what, (slider_id,), self._back, slider_id, in_use is None, was_armed
            )
            self.reload()

    def forget(self, slider_id: int) -> None:
        """Drop a slider and its ratings for good; what was done with it can't be undone then."""
        self._store.forget_slider(slider_id)
        self._steps.forget(slider_id)
        self.reload()

    def archived(self) -> list[Slider]:
        """Those put away, newest first."""
        return self._store.archived_sliders()

    def deleted(self) -> list[Slider]:
        """Those that can still be brought back, newest first."""
        return self._store.deleted_sliders()

    def bring_back(self, slider_id: int) -> None:
        """Use an archived or deleted slider again; `UserError` if its name was taken since."""
        deleted = next((s for s in self.deleted() if s.id == slider_id), None)
        slider = deleted or next((s for s in self.archived() if s.id == slider_id), None)
        self._back(slider_id, False, False)
        if slider is not None:
            again = self._store.archive_slider if deleted is None else self._store.delete_slider
            self._steps.remember(
                f"bringing {slider.name} back", (slider_id,), self._away, slider_id, again
            )

    def _back(self, slider_id: int, archived: bool, armed: bool) -> None:
        self._store.bring_back_slider(slider_id, archived)
        self.reload()
        if armed:
            self.arm(slider_id)
        if not archived:
            self.ratings_changed.emit(slider_id)

    def _away(self, slider_id: int, how: Callable[[int], None]) -> None:
        how(slider_id)
        self.reload()

    def merged(self, slider_id: int, into: int) -> tuple[list[int], int]:
        """What `merge` would do: the tracks whose ratings would count, how many are on both."""
        source, known = self.ratings(slider_id), self.ratings(into)
        moved = [track for track in source if track not in known]
        return moved, len(source) - len(moved)

    def merge(self, slider_id: int, into: int, turned: bool = False) -> int:
        """Let what was rated on one slider count on another, and put the first away.

        ``turned``: its low end is the other's high end. Where a track has a rating on both, the
        other's stays. Returns how many ratings moved.
        """
        source, target = self.slider(slider_id), self.slider(into)
        if source is None or target is None or source.id == target.id:
            raise UserError("Choose another slider to merge with.")
        was_armed = source.id == self._armed_id
        known = self._ratings[source.id]
        moved: Values = [
            (track, 1 - known[track] if turned else known[track])
            for track in self.merged(slider_id, into)[0]
        ]
        self._store.merge_sliders(source.id, target.id, moved)
        what = f"merging {source.name} into {target.name}"
        both = (source.id, target.id)
        self._steps.remember(what, both, self._part, *both, moved, was_armed)
        self.reload()
        if was_armed:
            self.arm(target.id)
        if moved:
            self._note(target.id, moved)
        return len(moved)

    def _part(self, source: int, target: int, moved: Values, was_armed: bool) -> None:
        known = self.ratings(target)
        # What was rated otherwise since then stays.
        taken_back: Values = [(track, None) for track, value in moved if known.get(track) == value]
        self._store.part_sliders(source, target, taken_back)
        self.reload()
        if was_armed:
            self.arm(source)
        self.ratings_changed.emit(source)
        if taken_back:
            self._note(target, taken_back)

    def split(
        self, slider_id: int, name: str, low: str, high: str, tracks: Iterable[int] | None = None
    ) -> Slider:
        """A new word that begins with another's ratings, all or those of ``tracks``.

        From then on each goes its own way. `UserError` where the name is empty or taken.
        """
        known = self.ratings(slider_id)
        chosen = None if tracks is None else set(tracks)
        kept = [(i, value) for i, value in known.items() if chosen is None or i in chosen]
        slider = self._store.split_slider(name, low, high, kept)
        was_armed = slider_id == self._armed_id
        what = f"splitting off {slider.name}"
        armed = slider_id if was_armed else None
        self._steps.remember(what, (slider.id,), self._unsplit, slider.id, armed)
        self.reload()
        self.arm(slider.id)
        self.ratings_changed.emit(slider.id)
        return slider

    def _unsplit(self, slider_id: int, armed: int | None) -> None:
        self._store.delete_slider(slider_id)
        if armed is not None:
            self.arm(armed)
        self.reload()

    def reload(self) -> None:
        """Read the words again; ratings only of those that are new here."""
        self.sliders = self._store.sliders()
        ids = {s.id for s in self.sliders}
        self._ratings = {
            i: self._ratings[i] if i in self._ratings else self._read(i) for i in sorted(ids)
        }
        if self._armed_id not in ids:
            self._armed_id = self.sliders[0].id if self.sliders else None
            self.armed_changed.emit()
        self.sliders_changed.emit()

    def reload_ratings(self, slider_id: int) -> None:
        """Read a slider's ratings again: somebody else wrote them."""
        if self.slider(slider_id) is not None:
            self._ratings[slider_id] = self._read(slider_id)
            self.ratings_changed.emit(slider_id)

    def take(self, ratings: Mapping[int, Mapping[int, float]], up_to: int) -> None:
        """Hold what a lane has read: slider → track → value, all that was written up to that id.

        So many at once are not read here; the few that were rated since then are.
        """
        read = {slider_id: dict(of_slider) for slider_id, of_slider in ratings.items()}
        for slider_id, known in read.items():
            for rating in self._store.ratings_after(slider_id, up_to):
                known.pop(rating.track_id, None)
                if rating.value is not None:
                    known[rating.track_id] = rating.value
        self._ratings.update(read)
        self.reload()
        for slider_id in read:
            if self.slider(slider_id) is not None:
                self.ratings_changed.emit(slider_id)

    # ratings

    def rate(
        self, track_ids: Sequence[int], value: float | None, slider_id: int | None = None
    ) -> None:
        """Rate tracks, 0 the low word to 1 the high word; None takes a rating back.

        The rating is on disk when this returns. The same value again changes nothing.
        """
        slider = self.armed if slider_id is None else self.slider(slider_id)
        if slider is None:
            raise UserError("Invent a slider first: its word is what you rate.")
        known = self._ratings[slider.id]
        changed = [i for i in dict.fromkeys(track_ids) if known.get(i) != value]
        if not changed:
            return
        what = "one rating" if len(changed) == 1 else f"{len(changed):,} ratings"
        before: Values = [(i, known.get(i)) for i in changed]
        self._set(slider.id, [(i, value) for i in changed])
        taken = f"{what} on {slider.name}"
        self._steps.remember(taken, (slider.id,), self._set, slider.id, before)
        if len(changed) > 1:
            said = f"{what} taken back" if value is None else f"{what} ← {number_of(value)}"
            self.rated_many.emit(slider.id, said)

    def _set(self, slider_id: int, values: Values) -> None:
        if self.slider(slider_id) is None:
            raise UserError("That slider is away: bring it back first.")
        self._store.rate_all(slider_id, values)
        self._note(slider_id, values)

    def _note(self, slider_id: int, values: Values) -> None:
        """Ratings that are on disk hold from now on; everybody hears of them."""
        slider, known = self.slider(slider_id), self._ratings.get(slider_id)
        if slider is None or known is None:
            return
        for track_id, value in values:
            known.pop(track_id, None)
            if value is not None:
                known[track_id] = value
        if len(values) == 1:
            track_id, value = values[0]
            word = "taken back" if value is None else f"← {number_of(value)}"
            sentence = f"{slider.name}: {word}" if value is None else f"{slider.name} {word}"
            self.rated.emit(track_id, slider_id, value, sentence)
        self.ratings_changed.emit(slider_id)

    def rating(self, track_id: int, slider_id: int) -> float | None:
        return self._ratings.get(slider_id, {}).get(track_id)

    def ratings(self, slider_id: int) -> dict[int, float]:
        """Track → value, in the order rated; not to be written to."""
        return self._ratings.get(slider_id, {})

    # undo

    def remember(self, what: str, opposite: Callable[..., Any], *words: Any) -> None:
        """A step of somebody else, which `undo` takes back in its turn."""
        self._steps.remember(what, (), opposite, *words)

    def undo(self) -> str | None:
        """Take the newest step back; see `Undo.undo`."""
        return self._steps.undo()

    def restore(self, armed: Any) -> None:
        """Come back as left."""
        if isinstance(armed, int):
            self.arm(armed)
