"""What the rack says of a slider, in words: honest figures and what would help."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sliders_desktop import tasks
from sliders_desktop.library.records import Slider

ordinal = tasks.ordinal  # the windows word numbers as the reasons do

SliderState = Literal["new", "listening", "dim", "lit", "confused"]


@dataclass(frozen=True)
class SliderStatus:
    """``pairs_right`` is the leave-one-out share of pairs in the right order, 0 to 1."""

    state: SliderState
    ratings: int
    pairs_right: float | None
    figure: str
    sentence: str
    progress: float
    disagreeing: tuple[int, int] | None


def slider_status(
    name: str, values: Sequence[float], fitted: "tasks.FittedSlider | None"
) -> SliderStatus:
    """Put ratings ``values`` and what the head made of them into words."""
    needed = tasks.missing(values)
    count = len(values)
    state: SliderState = fitted.state if fitted is not None else "new"
    if state in ("new", "listening") and needed.total == 0 and count:
        state = "listening"
    right = fitted.pairs_right if fitted is not None else None
    percent = f"{100 * right:.0f} %" if right is not None else ""
    ends = needs_in_words(needed)
    enough = tasks.LEAST_RATINGS
    progress = 1.0 if state == "lit" else min(1.0, count / enough)
    if fitted is not None and _asks_to_confirm(fitted, state):
        figure, sentence = _of_shared(name, count, percent, needed, fitted)
        fitted = replace(fitted, disagreeing=None)
    elif state == "lit":
        figure = f"right {percent} of pairs"
        sentence = f"I think I know what {name} means: right about {percent} of pairs."
    elif state == "dim":
        figure = f"rough · right {percent}"
        sentence = f"A rough idea of {name}: right about {percent} of pairs. More ratings help."
    elif state == "confused":
        figure = "two ratings disagree"
        sentence = f"Two ratings on {name} disagree with each other: listen to both again."
    elif needed.total:
        figure = f"{count} of {enough}" + (f" · {ends}" if ends else "")
        sentence = f"Rate {needed.total} more tracks on {name}, some at each end."
        progress = count / enough
    elif ends:
        figure = f"{count} ratings · {ends}"
        sentence = f"To learn {name}, ratings at both ends are needed: {ends}."
        progress = 0.9
    else:
        figure = f"{count} ratings · not yet"
        sentence = f"Not yet: my guesses at {name} are no better than chance."
        progress = 0.95
    disagreeing = fitted.disagreeing if fitted is not None and state == "confused" else None
    return SliderStatus(state, count, right, figure, sentence, progress, disagreeing)


def _asks_to_confirm(fitted: "tasks.FittedSlider", state: SliderState) -> bool:
    """Whether a slider came from somebody else, and that is what is to be said of it now."""
    if fitted.shared_by is None or state in ("lit", "listening"):
        return False
    return fitted.confirms or state == "new"


def _of_shared(
    name: str, count: int, percent: str, needed: "tasks.Missing", fitted: "tasks.FittedSlider"
) -> tuple[str, str]:
    """Figure and sentence of a slider that came from somebody else and is not lit yet."""
    who = fitted.shared_by or ""
    came, whose = (f"from {who} · ", f"{who}’s {name}") if who else ("shared · ", name)
    if who and f"({who.casefold()})" in name.casefold():
        came, whose = "", name  # the name says it: “calm (Ann)”
    if fitted.state == "new":
        why = (
            f"Sliders hears with another ear since {whose} came"
            if fitted.unheard
            else f"The ratings that came with {whose} do not prove it"
        )
        figure = f"{count} of {tasks.LEAST_RATINGS}"
        sentence = f"{why}: rate {needed.total} more tracks, some at each end."
    elif fitted.state == "confused":
        figure = "not what you mean"
        sentence = f"Your ratings contradict {whose}. Each one makes it more your own."
    elif count < tasks.CONFIRMING:
        figure = f"{count} of {tasks.CONFIRMING} ratings to confirm"
        sentence = (
            f"Rate {tasks.CONFIRMING} tracks on {whose}, some at each end, to see whether it means "
            "the same to you."
        )
    elif not percent:
        figure, sentence = "rate both ends", f"Rate tracks at both ends to confirm {whose}."
    else:
        figure = f"right {percent}"
        sentence = (
            f"Not confirmed yet: {whose} is right about {percent} of your pairs. Each rating pulls "
            "it towards what you mean."
        )
    return came + figure, sentence


def needs_in_words(needed: "tasks.Missing") -> str:
    """“two more low”: which end lacks ratings."""
    names = {1: "one", 2: "two", 3: "three"}
    parts = [
        f"{names.get(n, n)} more {end}"
        for n, end in ((needed.low, "low"), (needed.high, "high"))
        if n
    ]
    return ", ".join(parts)


def rating_sentence(slider: Slider, status: SliderStatus, was_lit: bool) -> str:
    """What the newest rating did."""
    count = f"{status.ratings} rating" + ("" if status.ratings == 1 else "s")
    if status.state == "lit" and not was_lit:
        return f"{slider.name} is lit: {status.sentence}"
    if was_lit and status.state != "lit":
        return f"{slider.name} lost its light: it is no longer better than chance."
    if status.state in ("lit", "dim") and status.pairs_right is not None:
        return f"{slider.name}: {count} · right about {100 * status.pairs_right:.0f} % of pairs"
    return f"{slider.name}: {status.figure}"


ALIKE = 0.1  # shares of pairs nearer to one half say nothing


def preview_lines(preview: "tasks.Preview") -> list[str]:
    """What is to be known of a shared slider before it is taken in; the first is its figure."""
    shared, count = preview.shared, len(preview.shared.ratings)
    whose = f"{shared.author}’s" if shared.author else "The sharer’s"
    lines = [f"{whose} {count} ratings do not prove this word yet: yours will have to."]
    if preview.proven and preview.pairs_right is not None:
        lines = [
            f"{whose} {count} ratings: right about {100 * preview.pairs_right:.0f} % of pairs."
        ]
    if not preview.follows:
        lines.append(
            "What the file says it learned does not follow from its ratings; Sliders goes by the "
            "ratings."
        )
    if preview.carried:
        lines.append("It was taught to an earlier ear of yours, and is carried over to this one.")
    for alike in preview.alike:
        share = alike.same_order
        if share >= 0.5 + ALIKE:
            lines.append(f"Agrees with your {alike.name} on {100 * share:.0f} % of pairs.")
        elif share <= 0.5 - ALIKE:
            lines.append(
                f"The opposite of your {alike.name} on {100 * (1 - share):.0f} % of pairs."
            )
    if preview.alike and all(abs(a.same_order - 0.5) < ALIKE for a in preview.alike):
        lines.append("Unlike any word of yours that is lit.")
    return lines
