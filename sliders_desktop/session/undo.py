"""What the listener did last, and its opposite, the newest first. Main thread."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sliders_desktop.errors import UserError

DEPTH = 100


@dataclass(frozen=True)
class _Step:
    what: str
    sliders: frozenset[int]  # that it was done to
    opposite: Callable[[], Any]


class Undo:
    """A stack of steps."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []

    def remember(
        self, what: str, sliders: Iterable[int], opposite: Callable[..., Any], *words: Any
    ) -> None:
        """``what`` was done, such as “one rating on calm”; ``opposite(*words)`` takes it back."""
        self._steps.append(_Step(what, frozenset(sliders), partial(opposite, *words)))
        del self._steps[:-DEPTH]

    def forget(self, slider_id: int) -> None:
        """What was done with a slider can't be taken back any more."""
        self._steps = [step for step in self._steps if slider_id not in step.sliders]

    def undo(self) -> str | None:
        """Take the newest step back; returns a sentence, or None if there is none.

        `UserError` where that can't be done as things are now; the step waits until it can.
        """
        if not self._steps:
            return None
        step, depth = self._steps[-1], len(self._steps)
        try:
            step.opposite()
        except UserError as error:
            what = step.what[0].upper() + step.what[1:]
            raise UserError(f"{what} can't be taken back now. {error}") from error
        del self._steps[depth - 1 :]  # taking back is no step of its own
        return f"Took back {step.what}."
