"""What plays and what comes, from one start of the program to the next. Main thread."""

from typing import Any

from sliders_desktop.session.catalogue import Catalogue
from sliders_desktop.session.order import HISTORY, Order
from sliders_desktop.session.radio import Guide, Radio

KEPT = 2000  # of a long list, tracks that are remembered


def to_keep(order: Order, radio: Radio, track_id: int | None, position_s: float) -> dict[str, Any]:
    """The state as JSON holds it; ``position_s`` into the track that plays."""
    return {
        "track": track_id,
        "position_s": round(position_s, 2),
        "queue": [[i.track_id, i.origin, i.parts] for i in order.queue.items],
        "coming": order.kept(KEPT),
        "list": order.list[:KEPT],
        "anchors": list(radio.anchors.items()),
        "leanings": list(radio.leanings.items()),
        "by_handles": radio.by_handles,
        "constellation": None if radio.guide is None else radio.guide.number,
        "history": order.history[-HISTORY:],
    }


def bring_back(state: dict[str, Any], order: Order, radio: Radio, catalogue: Catalogue) -> None:
    """Fill ``order`` and ``radio`` as they were, but for tracks that are known no more."""
    known, make = catalogue.row_of, order.queue.make
    order.list = [i for i in state.get("list", []) if i in known]
    order.coming = [i for i in state.get("coming", []) if i in known]
    order.history = [i for i in state.get("history", []) if i in known]
    order.queue.items = [
        make(i, origin, tuple((text, kind) for text, kind in parts))
        for i, origin, parts in state.get("queue", [])
        if i in known
    ]
    anchors = _weighted(state.get("anchors", []))
    radio.start_from((), by_handles=state.get("by_handles") is True)
    radio.anchors = {i: weight for i, weight in anchors.items() if i in known}
    if isinstance(number := state.get("constellation"), int):
        # Which tells it its stars in a moment, if it is still there.
        radio.lead_by(Guide(number, (), "together", radio.knobs, 0, frozenset()))
    leanings = _weighted(state.get("leanings", []))
    radio.leanings |= {i: weight for i, weight in leanings.items() if i in known}


def _weighted(stored: list[Any]) -> dict[int, float]:
    """Tracks with weights; older versions kept the tracks alone."""
    return {i: float(w) for i, w in (one if isinstance(one, list) else (one, 1) for one in stored)}
