"""The language of searches: what is a condition, what is a word, and what a kept rule names."""

import math
import string
from typing import Any

import numpy as np
import pytest

from sliders_desktop.library.query import DAY_S, LONGEST, Condition, kept, parse, shown

NAMES = {
    "rainy night": 1, "calm": 2, "rock and roll": 3, "rainy": 4, "90s feel 2": 5, "Straße": 6,
    "a, b & c": 7,
}  # fmt: skip
MONTH_S, WEEK_S = 30.4 * DAY_S, 7 * DAY_S


def only(text: str) -> dict[str, Any]:
    """What the one condition of ``text`` says beside the defaults; it has no words."""
    query = parse(text, NAMES)
    assert query.words == ""
    (condition,) = query.conditions
    plain = vars(Condition(condition.kind))
    said = {key: value for key, value in vars(condition).items() if value != plain[key]}
    return {"kind": condition.kind} | {k: v for k, v in said.items() if k != "name"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rainy night ≥ 80", {"low": 80}),
        ("Rainy NIGHT >= 80", {"low": 80}),
        ("rainy night≥80", {"low": 80}),
        ("rainy night => 80th", {"low": 80}),
        ("rainy night at least 80 %", {"low": 80}),
        ("rainy night > 80th percentile", {"low": 80, "low_open": True}),
        ("rainy night above 91st", {"low": 91, "low_open": True}),
        ("rainy night ≤ 20", {"high": 20}),
        ("rainy night < 20.5", {"high": 20.5, "high_open": True}),
        ("rainy night between 40 and 60", {"low": 40, "high": 60}),
        ("rainy night 40–60", {"low": 40, "high": 60}),
        ("rainy night 60 to 40 %", {"low": 40, "high": 60}),
        ("rainy night = 80", {"low": 79.5, "high": 80.5}),
        ("not rainy night ≥ 80", {"low": 80, "negated": True}),
    ],
)
def test_a_sliders_bounds(text: str, said: dict[str, Any]) -> None:
    assert only(text) == {"kind": "slider", "slider_id": 1} | said


@pytest.mark.parametrize(
    ("text", "slider_id"),
    [
        ("rainy ≥ 80", 4),
        ("rock and roll ≥ 80", 3),
        ("90s feel 2 ≥ 80", 5),
        ("STRASSE ≥ 80", 6),
        ("a, b & c ≥ 80", 7),
        ("{12:was gone} ≥ 80", 12),
    ],
)
def test_the_longest_known_name_is_meant(text: str, slider_id: int) -> None:
    assert only(text) == {"kind": "slider", "slider_id": slider_id, "low": 80}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not heard for 6 months", {"kind": "heard", "high": 6 * MONTH_S, "negated": True}),
        ("not heard for six months", {"kind": "heard", "high": 6 * MONTH_S, "negated": True}),
        ("not played in the last week", {"kind": "heard", "high": WEEK_S, "negated": True}),
        ("heard in the last 2 weeks", {"kind": "heard", "high": 2 * WEEK_S}),
        ("heard more than a day ago", {"kind": "heard", "low": DAY_S, "low_open": True}),
        ("never heard", {"kind": "plays", "high": 0}),
        ("heard more than 3 times", {"kind": "plays", "low": 3, "low_open": True}),
        ("heard twice", {"kind": "plays", "low": 2, "high": 2}),
        ("not heard", {"kind": "plays", "low": 1, "negated": True}),
        ("plays ≥ 3", {"kind": "plays", "low": 3}),
        ("plays = 0", {"kind": "plays", "low": 0, "high": 0}),
        ("added in the last month", {"kind": "added", "high": MONTH_S}),
        ("year ≥ 1990", {"kind": "year", "low": 1990}),
        ("year 1990–1999", {"kind": "year", "low": 1990, "high": 1999}),
        ("year 1990s", {"kind": "year", "low": 1990, "high": 1999}),
        ("not year 1994", {"kind": "year", "low": 1994, "high": 1994, "negated": True}),
        ("longer than 5 min", {"kind": "length", "low": 300, "low_open": True}),
        ("shorter than 4:30", {"kind": "length", "high": 270, "high_open": True}),
        ("length between 3 and 5 min", {"kind": "length", "low": 180, "high": 300}),
        ("genre ambient", {"kind": "genre", "text": "ambient"}),
        ("genre drum and bass", {"kind": "genre", "text": "drum and bass"}),
        ('genre "heard"', {"kind": "genre", "text": "heard"}),
        ("rated", {"kind": "rated"}),
        ("unrated", {"kind": "rated", "negated": True}),
        ("not rated on Calm", {"kind": "rated", "negated": True, "slider_id": 2}),
    ],
)
def test_what_is_asked_of_tracks(text: str, said: dict[str, Any]) -> None:
    assert only(text) == said


def kinds(text: str) -> tuple[str, list[str]]:
    query = parse(text, NAMES)
    return query.words, [condition.kind for condition in query.conditions]


@pytest.mark.parametrize("joint", [" and ", ", ", " & ", " ", ",", " AND "])
def test_conditions_are_joined(joint: str) -> None:
    text = joint.join(["rainy night ≥ 80", "not heard for 6 months", "genre folk", "calm 40–60"])
    assert kinds(text) == ("", ["slider", "heard", "genre", "slider"])


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("fern rainy night ≥ 80", "fern", ["slider"]),
        ("rainy night ≥ 80 and fern", "fern", ["slider"]),
        ("love and hate, never heard", "love and hate", ["plays"]),
        ("genre drum & bass never heard low tide", "low tide", ["genre", "plays"]),
    ],
)
def test_words_beside_conditions(text: str, words: str, found: list[str]) -> None:
    assert kinds(text) == (words, found)


@pytest.mark.parametrize(
    "text",
    ["love and hate", "Slate & Fern", "Not Fade Away", "Rated R", "and", "year 3000", "rainy night",
     "genre", "ed sheeran = 3", "<3", "calm 80", "calmness", "heard it on the radio", "÷", "not"],
)  # fmt: skip
def test_what_looks_like_a_condition_and_is_a_title(text: str) -> None:
    assert kinds(text) == (text, [])


def test_between_quotation_marks_all_are_words() -> None:
    assert kinds("“never heard”, never heard") == ("never heard", ["plays"])


def test_an_unknown_name_is_all_that_stands_before_the_sign() -> None:
    (condition,) = parse("never heard, foo bar ≥ 80", NAMES).conditions[1:]
    assert (condition.kind, condition.name) == ("unknown", "foo bar")
    assert condition.text == "foo bar ≥ 80"


@pytest.mark.parametrize("end", ["≥", " >=", " between", " between 4", " between 40 and", " 40 –"])
def test_what_is_still_being_typed_asks_nothing_yet(end: str) -> None:
    assert kinds(f"fern, rainy night{end}") == ("fern", ["unfinished"])


def test_a_kept_rule_goes_with_its_slider() -> None:
    rule = kept("fern, Rainy night ≥ 80 and not rated on calm", NAMES)
    assert rule == "fern, {1:Rainy night} ≥ 80 and not rated on {2:calm}"
    assert shown(rule, {1: "wet evening", 2: "calm"}) == (
        "fern, wet evening ≥ 80 and not rated on calm"
    )
    assert shown(rule, {}) == "fern, Rainy night ≥ 80 and not rated on calm"
    assert kept(rule, {"rainy night": 9}) == rule  # another slider of that name is another


def test_a_kept_rule_means_what_was_typed() -> None:
    for name, slider_id in NAMES.items():
        text = f"{name} ≥ 80, never heard"
        assert parse(kept(text, NAMES), {}).conditions[0].slider_id == slider_id
        assert shown(kept(text, NAMES), {i: n for n, i in NAMES.items()}) == text


def test_any_text_can_be_read() -> None:
    rng = np.random.default_rng(0)
    pieces = ["rainy night", "≥", "80", "and", "not", "genre", ",", "heard", "for", "6", "months",
              "between", "“", '"', "{", "{1:", "}", "rated on", "year", "–", "ß", "\u0130", "\0",
              "\ud800", " ", *string.punctuation]  # fmt: skip
    for _ in range(2000):
        text = "".join(rng.choice(pieces, rng.integers(1, 20)))
        query = parse(text, NAMES)
        assert all(not math.isnan(c.low) for c in query.conditions)
        kept(text, NAMES)
    # A reading that looks ahead from where it looked ahead to would never end.
    for piece in ("genre x not ", "not ", "genre not ", "between 4 and ", "a ≥ 5 ", "rainy "):
        assert parse(piece * LONGEST, NAMES) == parse((piece * LONGEST)[:LONGEST], NAMES)
