"""What the rack says of a slider: honest figures, what would help, why a light went out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sliders_desktop import tasks
from sliders_desktop.library.records import Slider
from sliders_desktop.session.shared_wording import of_shared

ordinal = tasks.ordinal  # the windows word numbers as the reasons do
LEAST_RATINGS = tasks.LEAST_RATINGS

SliderState = Literal["new", "listening", "dim", "lit", "confused"]
LOW, HIGH = 0.4, 0.6  # at or below, at or above: the rating takes a side
ONE_SIDED = 3  # ratings that make it worth saying that all are on one side
_NAMES = {1: "one", 2: "two", 3: "three"}


@dataclass(frozen=True)
class SliderStatus:
    """``pairs_right`` is the leave-one-out share of pairs in the right order, 0 to 1.

    ``given`` are the ratings so far, in the order given; ``one_sided`` says which end is missing.
    """

    state: SliderState
    ratings: int
    pairs_right: float | None
    figure: str
    sentence: str
    progress: float
    disagreeing: tuple[int, int] | None
    given: tuple[float, ...] = ()
    one_sided: Literal["", "low", "high"] = ""
    asks_to_confirm: bool = False  # it came from somebody else, and that is what is said of it


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
    side = one_sided(values)
    enough = tasks.LEAST_RATINGS
    progress = 1.0 if state == "lit" else min(1.0, count / enough)
    disagreeing = fitted.disagreeing if fitted is not None and state == "confused" else None
    came = of_shared(name, count, fitted, state) if fitted is not None else None
    if came is not None:
        (figure, sentence), disagreeing = came, None
    elif state == "lit":
        figure = f"right {percent} of pairs"
        sentence = f"I think I know what {name} means: right about {percent} of pairs."
    elif state == "dim":
        figure = f"rough · right {percent}"
        sentence = f"A rough idea of {name}: right about {percent} of pairs. More ratings help."
    elif state == "confused" and disagreeing is not None:
        figure = "two ratings disagree"
        sentence = f"These two ratings on {name} disagree: listen to both again, keep or change."
    elif state == "confused":
        figure = f"{count} ratings · confused"
        sentence = f"My guesses at {name} are no better than chance now. More ratings help."
    elif needed.total:
        figure = f"{count} of {enough}" + (f" · {ends}" if ends else "")
        sentence = _first_words(name, count, side)
        progress = count / enough
    elif ends:
        figure = f"{count} ratings · {ends}"
        sentence = f"To learn {name}, ratings at both ends are needed: {ends}."
        progress = 0.9
    else:
        figure = f"{count} ratings · not yet"
        sentence = f"Not yet: my guesses at {name} are no better than chance."
        progress = 0.95
    return SliderStatus(
        state, count, right, figure, sentence, progress, disagreeing, tuple(values), side,
        came is not None,
    )  # fmt: skip


def _first_words(name: str, count: int, side: str) -> str:
    first, enough = tasks.FIRST_RATINGS, tasks.LEAST_RATINGS
    if side:
        other = "low" if side == "high" else "high"
        return f"All on the {side} side so far: {name} needs ratings at the {other} end too."
    if count < first:
        some = "" if not count else "altogether "
        return f"Rate {first} tracks {some}on {name}, some at each end."
    more = enough - count
    return f"Rate {more} more on {name}, some at each end."


def one_sided(values: Sequence[float]) -> Literal["", "low", "high"]:
    """Which side all decided ratings are on, once there are `ONE_SIDED` of them."""
    low, high = sum(v <= LOW for v in values), sum(v >= HIGH for v in values)
    if low >= ONE_SIDED and not high:
        return "low"
    return "high" if high >= ONE_SIDED and not low else ""


def needs_in_words(needed: "tasks.Missing") -> str:
    """“two more low”: which end lacks ratings."""
    parts = [
        f"{_NAMES.get(n, n)} more {end}"
        for n, end in ((needed.low, "low"), (needed.high, "high"))
        if n
    ]
    return ", ".join(parts)


def rating_sentence(slider: Slider, status: SliderStatus, was_lit: bool, lost: str = "") -> str:
    """What the newest rating did, and what would help; ``lost``: why a light went out."""
    if status.state == "lit" and not was_lit:
        return kindled(slider, status)
    if was_lit and status.state != "lit":
        return f"{slider.name} lost its light: {lost}" if lost else f"{slider.name} lost its light"
    if status.asks_to_confirm:
        return f"{slider.name}: {status.figure}"
    count = f"{status.ratings} rating" + ("" if status.ratings == 1 else "s")
    parts = [f"{slider.name}: {count}"]
    if status.state in ("lit", "dim") and status.pairs_right is not None:
        parts.append(f"right about {100 * status.pairs_right:.0f} % of pairs")
    elif status.state == "listening":
        parts.append("no better than chance yet")
    elif status.disagreeing is not None:
        parts.append("two of them disagree, listen again")
    parts.append(what_would_help(slider, status))
    return " · ".join(part for part in parts if part)


def kindled(slider: Slider, status: SliderStatus) -> str:
    """The sentence of the moment in which a word lights up."""
    percent = 100 * (status.pairs_right or 0.0)
    return f"I think I know what {slider.name} means – right about {percent:.0f} % of pairs"


def what_would_help(slider: Slider, status: SliderStatus) -> str:
    """“3 more at the low end would help”; "" where nothing need be said."""
    if status.state == "lit" or not status.ratings:
        return ""
    if status.one_sided:
        other = slider.low_label if status.one_sided == "high" else slider.high_label
        what = f"“{other}”" if other else "from the other end"
        return f"all on the {status.one_sided} side: rate something {what}"
    needed = tasks.missing(status.given)
    ends = " and ".join(
        f"{n} more at the {end} end" if at == 0 or not needed.low else f"{n} at the {end} end"
        for at, (n, end) in enumerate(((needed.low, "low"), (needed.high, "high")))
        if n
    )
    if ends and needed.total <= needed.low + needed.high:
        return f"{ends} would help"
    if ends:
        some = ends.replace(" more", "")
        return f"{needed.total} more would help, {some}"
    if needed.total:
        return f"{needed.total} more would help"
    if status.disagreeing is not None:
        return ""
    low, high = sum(v <= LOW for v in status.given), sum(v >= HIGH for v in status.given)
    if 2 * min(low, high) < max(low, high):
        return f"a few more at the {'low' if low < high else 'high'} end would help"
    return "a few more at both ends would help"


def why_lost(
    values: Sequence[float],
    fitted: "tasks.FittedSlider",
    titles: Sequence[str] = (),
) -> str:
    """Why a slider is lit no more, as far as its newest fit shows.

    ``titles`` are those of the two ratings that disagree most, where there are two.
    """
    if fitted.confirms:
        return "your ratings neither agree with the word as it came nor prove another meaning"
    needed = tasks.missing(values)
    if needed:
        ends = needs_in_words(needed)
        few = ends or f"{needed.total} more"
        return f"with what was taken back or changed, too few ratings are left ({few} needed)"
    reason = "over the newest ratings its guesses came to no better than chance"
    if fitted.disagreeing is not None and len(titles) == 2:
        reason += f"; most at odds are “{titles[0]}” and “{titles[1]}”"
    return reason


def new_ears_sentence(changes: Sequence[tuple[str, SliderState, SliderStatus]]) -> str:
    """After a change of encoder: name, state before and status now of each slider; "": nothing."""
    said = [words for change in changes if (words := _with_new_ears(*change))]
    if not said:
        return ""
    more = f" and {len(said) - 4} more" if len(said) > 4 else ""
    return "With the new ears: " + ", ".join(said[:4]) + more


def _with_new_ears(name: str, before: SliderState, now: SliderStatus) -> str:
    right = f" (right {100 * now.pairs_right:.0f} %)" if now.pairs_right is not None else ""
    if now.state == "lit":
        return f"{name} stayed lit{right}" if before == "lit" else f"{name} is lit now{right}"
    if now.state == "dim":
        word = "stayed rough" if before == "dim" else "is only rough now"
        if before not in ("lit", "dim"):
            word = "is rough now"
        return f"{name} {word}{right}"
    return f"{name} went dark" if before in ("lit", "dim") else ""
