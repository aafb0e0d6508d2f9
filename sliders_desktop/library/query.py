"""The language of the search box and of smart lists: words, and conditions on sliders and tracks.

“ambient, rainy night ≥ 80 and not heard for 6 months”. What is no condition is a word to search
for; between quotation marks everything is. A slider is written by its name, or in a kept rule as
`{12:rainy night}`, so that a rule goes on meaning the slider it was made with.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "slider", "unknown", "unfinished",
    "plays", "heard", "added", "year", "length", "genre", "rated",
]  # fmt: skip

LONGEST = 1000  # letters; what stands behind them is not read
DAY_S = 24 * 3600
UNITS_S = {
    "hour": 3600.0,
    "day": DAY_S,
    "week": 7 * DAY_S,
    "month": 30.4 * DAY_S,
    "year": 365.25 * DAY_S,
}
_WORDED = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
           "eleven", "twelve")  # fmt: skip
_COUNTS = {"an": 1, "once": 1, "twice": 2} | {word: max(1, n) for n, word in enumerate(_WORDED)}


@dataclass(frozen=True)
class Condition:
    """One thing asked of a track: a value from ``low`` to ``high``, or no such value.

    Sliders count 0 to 100, lengths in seconds, times heard and added in seconds ago.
    """

    kind: Kind
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False  # more than ``low``
    high_open: bool = False
    negated: bool = False
    slider_id: int | None = None  # of kinds "slider" and "rated"; None there: any
    text: str = ""  # the genre; what stands there of kinds "unknown" and "unfinished"
    name: str = ""  # the slider as it is written there


@dataclass(frozen=True)
class Query:
    """``words`` for the index, ``conditions`` that must all hold.

    ``sliders`` says where in the text sliders are named: (start, end, id).
    """

    words: str
    conditions: tuple[Condition, ...]
    sliders: tuple[tuple[int, int, int], ...]


# Patterns are matched against casefolded text.
_NUMBER = r"\d+(?:\.\d+)?"
_SHARE = rf"{_NUMBER}(?:\s?(?:st|nd|rd|th))?(?:\s*(?:%|per\s?cent(?:ile)?))?"
_YEAR = r"\d{4}s?"
_LENGTH = rf"(?:\d+:\d\d(?::\d\d)?|{_NUMBER}\s*(?:seconds?|secs?|minutes?|mins?|hours?|s|m|h)?)"
_SIGNS = (
    r">=|=>|<=|=<|[<>≤≥=]|(?:at\s+least|at\s+most|more\s+than|less\s+than|fewer\s+than|longer\s+than"
    r"|shorter\s+than|above|over|below|under)\b"
)
_DASH = r"(?:-|–|—|\bto\b)"
_SPAN = (
    rf"(?:(?:the\s+)?(?:last|past)\s+)?(?P<n>\d+|{'|'.join(_COUNTS)})?\s*"
    rf"(?P<unit>{'|'.join(UNITS_S)})s?"
)
_END = r"(?=$|[\s,;&])"
_HEARD = r"(?:heard|played)"
_UNFINISHED = re.compile(
    rf"\s*(?:{_SIGNS}|between(?:\s+{_NUMBER}\S*(?:\s+and)?)?|{_NUMBER}\s*{_DASH})\s*$"
)


def _bounds(value: str) -> str:
    """A pattern of “≥ 80”, “between 40 and 60”, “40–60”."""
    return (
        rf"\s*(?:(?P<sign>{_SIGNS})\s*(?P<one>{value})"
        rf"|(?:between\s+)?(?P<low>{value})\s*(?:{_DASH}|\band\b)\s*(?P<high>{value})){_END}"
    )


_AFTER_SLIDER = re.compile(_bounds(_SHARE))
_FIELDS: tuple[tuple[Kind, "re.Pattern[str]"], ...] = (
    ("plays", re.compile(rf"plays?\b{_bounds(_NUMBER)}")),
    ("year", re.compile(rf"year\b{_bounds(_YEAR)}")),
    ("year", re.compile(rf"year\s+(?P<only>(?:19|20)\d\ds?){_END}")),
    ("length", re.compile(rf"(?:length|duration|time)\b{_bounds(_LENGTH)}")),
    ("length", re.compile(rf"(?P<sign>longer|shorter)\s+than\s+(?P<one>{_LENGTH}){_END}")),
)
_NOT_FOR = re.compile(
    rf"(?:not|never)\s+{_HEARD}\s+(?:for|in|within|since)\s+(?:more\s+than\s+)?{_SPAN}{_END}"
)
_WITHIN = re.compile(rf"(?P<what>{_HEARD}|added)\s+(?:in|within|during)\s+{_SPAN}{_END}")
_AGO = re.compile(rf"(?P<what>{_HEARD}|added)\s+(?:more|longer)\s+than\s+{_SPAN}\s+ago{_END}")
_TIMES = re.compile(
    rf"{_HEARD}\s+(?P<sign>more\s+than|less\s+than|fewer\s+than|at\s+least|at\s+most)?\s*"
    rf"(?:(?P<one>\d+|{'|'.join(_COUNTS)})\s+times?|(?P<word>once|twice)){_END}"
)
_NEVER = re.compile(rf"never\s+{_HEARD}{_END}")
_NOT = re.compile(r"not\s+")
_RATED = re.compile(r"(?P<un>un)?rated")
_HEARD_ALONE = re.compile(_HEARD)
_GENRE = re.compile(r"genre\s*(?:=|:|\bis\b)?\s*")
_GENRE_NEXT = re.compile(r"(?:not\s+)?genre\b")
_JOINT = re.compile(r"(?:[,;&]|and(?=\s|$))")
_ON = re.compile(r"\s+on\s+")
_QUOTED = re.compile(r"[\"“„”]([^\"“„”]*)[\"“”]?")
_KEPT = re.compile(r"\{(\d+):[^{}]*\}")
_STRANGER = re.compile(rf"(?P<sign>>=|=>|<=|=<|[<>≤≥])\s*(?P<one>{_SHARE}){_END}")
_WORD = re.compile(r"[^\s<>≤≥]+|[<>≤≥]\S*")


def parse(text: str, names: Mapping[str, int]) -> Query:
    """Read ``text``; ``names`` are the sliders there are, with their ids."""
    return _Reader(text[:LONGEST], names).read()


def kept(text: str, names: Mapping[str, int]) -> str:
    """``text`` with each slider as `{id:name}`, so that a new name does not part it from it."""
    out, last = [], 0
    for start, end, slider_id in parse(text, names).sliders:
        name = _KEPT.sub(lambda m: m[0].split(":", 1)[1][:-1], text[start:end])
        out += [text[last:start], f"{{{slider_id}:{re.sub('[{}]', '', name)}}}"]
        last = end
    return "".join([*out, text[last:]])


def shown(rule: str, names: Mapping[int, str]) -> str:
    """A kept rule as the listener writes it, each slider by the name it has now."""

    def name(match: "re.Match[str]") -> str:
        return names.get(int(match[1])) or match[0].split(":", 1)[1][:-1]

    return _KEPT.sub(name, rule)


class _Reader:
    """One reading of one text, from its beginning to its end."""

    def __init__(self, text: str, names: Mapping[str, int]) -> None:
        self._text = text
        pieces = [c.casefold() for c in text]
        self._folded = "".join(pieces)
        # Folding may lengthen a text (“ß”): where each letter stood before.
        self._at = [i for i, piece in enumerate(pieces) for _ in piece] + [len(text)]
        self._names = sorted(
            ((name.strip().casefold(), i) for name, i in names.items() if name.strip()),
            key=lambda pair: -len(pair[0]),
        )
        self._items: list[tuple[str, str | Condition, int]] = []  # kind, what, where it begins
        self._sliders: list[tuple[int, int, int]] = []

    def read(self) -> Query:
        at = 0
        while at < len(self._folded):
            at = self._step(at)
        words, conditions = [], []
        for n, (kind, what, _) in enumerate(self._items):
            if isinstance(what, Condition):
                conditions.append(what)
            elif kind == "word" or not self._joins(n):
                words.append(what)
        return Query(" ".join(words), tuple(conditions), tuple(sorted(self._sliders)))

    def _joins(self, n: int) -> bool:
        """“and” joins conditions; between other words it is one of them, as “&” is."""
        beside = [self._items[i][0] for i in (n - 1, n + 1) if 0 <= i < len(self._items)]
        return self._items[n][1] in (",", ";") or "condition" in beside

    def _step(self, at: int) -> int:
        folded = self._folded
        if folded[at].isspace():
            return at + 1
        if quoted := _QUOTED.match(folded, at):
            inside = self._slice(quoted.start(1), quoted.end(1)).strip()
            if inside:
                self._items.append(("word", inside, at))
            return quoted.end()
        if joint := _JOINT.match(folded, at):
            self._items.append(("joint", self._slice(at, joint.end()), at))
            return joint.end()
        if found := self._condition(at):
            condition, end = found
            self._items.append(("condition", condition, at))
            return end
        if stranger := self._stranger(at):
            return stranger
        word = _WORD.match(folded, at)
        end = word.end() if word else at + 1
        while end - at > 1 and folded[end - 1] in ",;":
            end -= 1
        self._items.append(("word", self._slice(at, end), at))
        return end

    def _slice(self, start: int, end: int) -> str:
        return self._text[self._at[start] : self._at[end]]

    # conditions

    def _condition(self, at: int) -> tuple[Condition, int] | None:
        """The condition that begins here, and where it ends."""
        found = self._plain(at)
        if found is None and (denied := _NOT.match(self._folded, at)):
            found = self._plain(denied.end(), denied=True)
            if found is not None:
                condition, end = found
                return replace(condition, negated=not condition.negated), end
        return found

    def _plain(self, at: int, denied: bool = False) -> tuple[Condition, int] | None:
        return (
            self._on_slider(at)
            or self._on_field(at)
            or self._on_time(at)
            or self._on_rated(at, denied)
            or self._on_genre(at)
        )

    def _slider(self, at: int) -> tuple[int, int] | None:
        """Id and end of the slider named here; of several that fit, the longest name."""
        if kept_one := _KEPT.match(self._folded, at):
            return int(kept_one[1]), kept_one.end()
        for name, slider_id in self._names:
            end = at + len(name)
            if self._folded.startswith(name, at) and not (
                self._folded[end - 1].isalnum() and self._folded[end : end + 1].isalnum()
            ):
                return slider_id, end
        return None

    def _name_slider(self, start: int, end: int, slider_id: int) -> None:
        place = (self._at[start], self._at[end], slider_id)
        if place not in self._sliders:  # reading ahead comes by twice
            self._sliders.append(place)

    def _on_slider(self, at: int) -> tuple[Condition, int] | None:
        named = self._slider(at)
        if named is None:
            return None
        slider_id, end = named
        if match := _AFTER_SLIDER.match(self._folded, end):
            self._name_slider(at, end, slider_id)
            low, high = _limits(match, _share)
            condition = _ranged("slider", match, low, high)
            name = shown(self._slice(at, end), {})
            return replace(condition, slider_id=slider_id, name=name), match.end()
        if _UNFINISHED.match(self._folded, end):
            last = len(self._folded)
            return Condition("unfinished", text=self._slice(at, last)), last
        return None

    def _on_field(self, at: int) -> tuple[Condition, int] | None:
        for kind, pattern in _FIELDS:
            match = pattern.match(self._folded, at)
            if match is None:
                continue
            if "only" in match.groupdict():
                low, high = _year(match["only"])
                return Condition(kind, low, high), match.end()
            read = {"year": _year, "length": _length}.get(kind, _share)
            low, high = _limits(match, read)
            return _ranged(kind, match, low, high), match.end()
        return None

    def _on_time(self, at: int) -> tuple[Condition, int] | None:
        if match := _NOT_FOR.match(self._folded, at):
            return Condition("heard", high=_seconds(match), negated=True), match.end()
        if match := _WITHIN.match(self._folded, at):
            kind: Kind = "added" if match["what"] == "added" else "heard"
            return Condition(kind, high=_seconds(match)), match.end()
        if match := _AGO.match(self._folded, at):
            kind = "added" if match["what"] == "added" else "heard"
            return Condition(kind, low=_seconds(match), low_open=True), match.end()
        if match := _TIMES.match(self._folded, at):
            times = _count(match["one"] or match["word"])
            sign = match["sign"] or "="
            return _signed(Condition("plays"), sign, times, times), match.end()
        if match := _NEVER.match(self._folded, at):
            return Condition("plays", high=0), match.end()
        match = _HEARD_ALONE.match(self._folded, at)
        if match and self._alone(at, match.end()):
            return Condition("plays", low=1), match.end()
        return None

    def _on_rated(self, at: int, denied: bool) -> tuple[Condition, int] | None:
        match = _RATED.match(self._folded, at)
        if match is None:
            return None
        condition = Condition("rated", negated=bool(match["un"]))
        if on := _ON.match(self._folded, match.end()):
            named = self._slider(on.end())
            if named is not None:
                self._name_slider(on.end(), named[1], named[0])
                name = shown(self._slice(on.end(), named[1]), {})
                return replace(condition, slider_id=named[0], name=name), named[1]
        # “Rated R” is an album: without more, it must stand for itself.
        return (condition, match.end()) if self._alone(at, match.end(), denied) else None

    def _alone(self, start: int, end: int, denied: bool = False) -> bool:
        """Nothing but joints, conditions or an end stands before and behind."""
        rest = self._folded[end:].lstrip()
        behind = not rest or bool(_JOINT.match(rest))
        before = not self._items or self._items[-1][0] != "word"
        return behind and before and self._folded[end : end + 1] in ("", " ", ",", ";", "&")

    def _on_genre(self, at: int) -> tuple[Condition, int] | None:
        match = _GENRE.match(self._folded, at)
        if match is None or match.end() == at + len("genre"):
            return None
        begin = end = match.end()
        if quoted := _QUOTED.match(self._folded, begin):
            return Condition("genre", text=quoted[1].strip()), quoted.end()
        while end < len(self._folded) and self._folded[end] not in ",;":
            # “drum and bass” is one genre, “ambient and never heard” two conditions.
            if self._folded[end - 1].isspace() and self._begins(end):
                break
            end += 1
        name = self._slice(begin, end).strip()
        return (Condition("genre", text=name), end) if name else None

    def _begins(self, at: int) -> bool:
        """Whether a condition comes next, joined or not."""
        joint = _JOINT.match(self._folded, at)
        ahead = at if joint is None else joint.end()
        ahead += len(self._folded[ahead:]) - len(self._folded[ahead:].lstrip())
        # A genre is taken at its word: to read it would mean to look ahead from there again.
        genre = _GENRE_NEXT.match(self._folded, ahead)
        return genre is not None or self._condition(ahead) is not None

    def _stranger(self, at: int) -> int | None:
        """“calm ≥ 80” where there is no calm: the words before the sign are its name."""
        match = _STRANGER.match(self._folded, at)
        first = len(self._items)
        while first and self._items[first - 1][0] == "word":
            first -= 1
        if match is None or first == len(self._items):
            return None
        start = self._items[first][2]
        name, text = self._slice(start, at).strip(), self._slice(start, match.end())
        del self._items[first:]
        low, high = _limits(match, _share)
        condition = replace(_ranged("unknown", match, low, high), text=text, name=name)
        self._items.append(("condition", condition, start))
        return match.end()


# values

Limits = tuple[float, float]


def _share(text: str) -> Limits:
    digits = re.match(_NUMBER, text)
    value = float(digits[0]) if digits else 0.0
    return value, value


def _year(text: str) -> Limits:
    """“1994” is a year, “1990s” ten of them."""
    year = int(text.rstrip("s"))
    return (year, year + 9) if text.endswith("s") else (year, year)


def _length(text: str) -> Limits:
    """Seconds of “5 min”, “4:30”, “1 h”; a number alone is minutes."""
    if ":" in text:
        seconds = 0.0
        for part in text.split(":"):
            seconds = 60 * seconds + int(part)
        return seconds, seconds
    value, unit = _share(text)[0], text.lstrip("0123456789. ")[:1]
    seconds = value * {"s": 1, "h": 3600}.get(unit, 60)
    return seconds, seconds


def _count(text: str | None) -> int:
    return 1 if text is None else int(text) if text.isdigit() else _COUNTS[text]


def _seconds(match: "re.Match[str]") -> float:
    return _count(match["n"]) * UNITS_S[match["unit"]]


def _limits(match: "re.Match[str]", read: Callable[[str], Limits]) -> Limits:
    """Lowest and highest value that a condition's number or two numbers mean."""
    found = match.groupdict()
    if found.get("low") is None:
        low, high = read(match["one"])
        return low, high
    values = [*read(match["low"]), *read(match["high"])]
    return min(values), max(values)


def _ranged(kind: Kind, match: "re.Match[str]", low: float, high: float) -> Condition:
    condition = Condition(kind)
    sign = match["sign"]
    if sign is None:
        return replace(condition, low=low, high=high)
    return _signed(condition, sign, low, high)


def _signed(condition: Condition, sign: str, low: float, high: float) -> Condition:
    sign = " ".join(sign.split())
    if sign in (">=", "=>", "≥", "at least"):
        return replace(condition, low=low)
    if sign in ("<=", "=<", "≤", "at most"):
        return replace(condition, high=high)
    if sign in (">", "above", "over", "more than", "longer than", "longer"):
        return replace(condition, low=high, low_open=True)
    if sign in ("<", "below", "under", "less than", "fewer than", "shorter than", "shorter"):
        return replace(condition, high=low, high_open=True)
    # A percentile is a fraction: “= 80” is what is shown as 80.
    half = 0.5 if condition.kind == "slider" else 0.0
    return replace(condition, low=low - half, high=high + half)
