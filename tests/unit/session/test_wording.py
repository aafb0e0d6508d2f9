"""The sentences about a slider: honest figures, what would help, why a light went out."""

import numpy as np
import pytest

from sliders_desktop.library.records import Slider
from sliders_desktop.session.new_ears import NewEars
from sliders_desktop.session.wording import (
    SliderState,
    SliderStatus,
    new_ears_sentence,
    one_sided,
    rating_sentence,
    slider_status,
    what_would_help,
    why_lost,
)
from sliders_desktop.tasks import LEAST_RATINGS, FittedSlider

RAINY = Slider(1, "rainy night", "bright noon", "rainy night", "", 0, 0, None)
LOW, MIDDLE, HIGH = 0.0, 0.5, 1.0


def fitted(
    state: SliderState, right: float | None = 0.78, pair: tuple[int, int] | None = None
) -> FittedSlider:
    return FittedSlider(1, state, 9, right, np.arange(3), None, None, None, pair, None)


def status(state: SliderState, values: list[float], right: float | None = 0.78) -> SliderStatus:
    return slider_status("rainy night", values, fitted(state, right))


def test_a_rating_says_how_many_how_right_and_what_would_help() -> None:
    values = [LOW] * 3 + [HIGH] * 6
    sentence = rating_sentence(RAINY, status("dim", values), False)
    assert sentence.startswith("rainy night: 9 ratings · right about 78 % of pairs · ")
    assert sentence.endswith("would help")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([HIGH] * 3, "all on the high side: rate something “bright noon”"),
        ([LOW] * 4 + [MIDDLE], "all on the low side: rate something “rainy night”"),
        ([LOW] * 12 + [HIGH] * 3, "a few more at the high end would help"),
        ([LOW] * 6 + [HIGH] * 6, "a few more at both ends would help"),
        ([], ""),
    ],
)
def test_what_would_help(values: list[float], said: str) -> None:
    assert what_would_help(RAINY, status("listening", values)) == said


def test_what_is_missing_is_counted() -> None:
    few = [LOW, HIGH, HIGH, HIGH]
    assert what_would_help(RAINY, status("new", few)) == (
        f"{LEAST_RATINGS - 4} more would help, 2 at the low end"
    )
    middling = [MIDDLE] * LEAST_RATINGS
    assert what_would_help(RAINY, status("listening", middling)) == (
        "3 more at the low end and 3 at the high end would help"
    )
    nearly = [LOW] * 3 + [HIGH] * (LEAST_RATINGS - 4)
    assert what_would_help(RAINY, status("new", nearly)) == "1 more would help"
    assert what_would_help(RAINY, status("lit", nearly)) == ""


def test_one_side_is_noticed_after_three() -> None:
    assert one_sided([HIGH, HIGH]) == ""
    assert one_sided([HIGH, MIDDLE, HIGH, HIGH]) == "high"
    assert one_sided([LOW] * 3) == "low"
    assert one_sided([LOW] * 3 + [HIGH]) == ""


def test_a_new_slider_says_what_to_do_and_warns_of_one_side() -> None:
    assert "Rate 6 tracks on rainy night, some at each end" in status("new", []).sentence
    assert "All on the high side so far" in status("new", [HIGH] * 4).sentence


def test_light_comes_and_goes_with_a_reason() -> None:
    values = [LOW] * 6 + [HIGH] * 6
    lit = status("lit", values, 0.84)
    assert rating_sentence(RAINY, lit, False) == (
        "I think I know what rainy night means – right about 84 % of pairs"
    )
    dark = status("confused", values)
    lost = why_lost(values, fitted("confused", pair=(1, 2)), ["Low Tide", "Undertow"])
    assert rating_sentence(RAINY, dark, True, lost) == (
        "rainy night lost its light: over the newest ratings its guesses came to no better than "
        "chance; most at odds are “Low Tide” and “Undertow”"
    )
    assert "too few ratings are left (three more low needed)" in why_lost(
        [HIGH] * LEAST_RATINGS, fitted("new")
    )


def test_new_ears_are_told_once_all_words_were_judged() -> None:
    now = {1: status("lit", [LOW] * 12, 0.84), 2: status("listening", [LOW] * 12)}
    names = {1: "rainy night", 2: "danceable"}
    ears = NewEars({1: "lit", 2: "lit", 3: "lit"})

    def look(slider_id: int) -> tuple[str, SliderStatus] | None:
        return (names[slider_id], now[slider_id]) if slider_id in now else None

    assert ears.judged(1, look) is None
    assert ears.judged(2, look) == (  # the third was deleted meanwhile
        "With the new ears: rainy night stayed lit (right 84 %), danceable went dark"
    )


def test_new_ears_say_nothing_of_what_stayed_dark_and_not_all_names() -> None:
    dark = status("listening", [LOW])
    assert new_ears_sentence([("calm", "new", dark)]) == ""
    lit = status("lit", [LOW] * 12, 0.84)
    said = new_ears_sentence([(f"word {n}", "listening", lit) for n in range(7)])
    assert "word 0 is lit now (right 84 %)" in said
    assert said.endswith(" and 3 more")
