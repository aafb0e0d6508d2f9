"""What a handle asks for, in words: for tooltips, screen readers and the list of what pulls now."""

from collections.abc import Iterable

from sliders_desktop import tasks
from sliders_desktop.session.steering import Handle


def pull_text(handle: Handle) -> str:
    """“80th ± 10 · 70 %”: short, for the row; what is as usual is left out."""
    parts = [tasks.ordinal(round(100 * handle.target))]
    if handle.tolerance:
        parts[0] += f" ± {round(100 * handle.tolerance)}"
    if handle.strength < 1:
        parts.append(f"{round(100 * handle.strength)} %")
    if handle.muted:
        parts.append("muted")
    return " · ".join(parts)


def pull_sentence(handle: Handle) -> str:
    """“pulls to the 80th percentile, ± 10, strength 70 %”: in full, for who only hears it."""
    place = f"the {tasks.ordinal(round(100 * handle.target))} percentile"
    begin = f"muted at {place}" if handle.muted else f"pulls to {place}"
    tolerance, strength = round(100 * handle.tolerance), round(100 * handle.strength)
    return f"{begin}, ± {tolerance}, strength {strength} %"


def summary(handles: Iterable[tuple[str, Handle]]) -> str:
    """Of the sliders’ names and handles: what pulls now, in one sentence."""
    said = [f"{name} {pull_sentence(handle)}" for name, handle in handles]
    return f"Now {'; '.join(said)}." if said else "No handle pulls now."
