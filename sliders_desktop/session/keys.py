"""The nine keys a track is rated by, and the ratings they give: 0 the low word to 1 the high."""

KEYS = 9


def value_of(number: int) -> float:
    """Key 1 to 9 as a rating, 0 to 1."""
    return (number - 1) / (KEYS - 1)


def number_of(value: float) -> int:
    """A rating, 0 to 1, as the nearest key."""
    return round(value * (KEYS - 1)) + 1
