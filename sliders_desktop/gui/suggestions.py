"""What the search box offers while one types: conditions that this library understands."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

MOST, LEAST_LETTERS = 6, 2
_TEMPLATES = (
    "never heard",
    "not heard for 6 months",
    "heard in the last 2 weeks",
    "heard more than 3 times",
    "added in the last month",
    "plays ≥ 3",
    "year 1990–1999",
    "year ≥ 2000",
    "longer than 5 min",
    "shorter than 3 min",
    "not rated",
)
_LAST_PART = re.compile(r"(?:^|[,;&]|\band\b)\s*([^,;&]*)$", re.IGNORECASE)


class _Completer(QCompleter):
    """Shows conditions; the one taken replaces only what was begun of it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.before = ""

    def pathFromIndex(self, index: QModelIndex) -> str:  # type: ignore[override]
        return self.before + str(index.data())


class Suggestions(QObject):
    """Belongs to one search field; silent unless what is typed begins a condition."""

    def __init__(self, session: "Session", field: QLineEdit) -> None:
        super().__init__(field)
        self._session, self._field = session, field
        self._model = QStringListModel(self)
        self._completer = _Completer(self)
        self._completer.setModel(self._model)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MOST)
        self._completer.setWidget(field)
        self.popup = self._completer.popup()
        self.popup.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.popup.setObjectName("suggestions")
        self.popup.setAccessibleName(self.tr("Conditions to search by"))
        self._completer.activated.connect(self._take)
        field.textEdited.connect(self._on_edited)

    def offers(self, text: str) -> tuple[str, list[str]]:
        """What stands before the condition begun at the end of ``text``, and what it may become."""
        last = _LAST_PART.search(text)
        if last is None:
            return text, []
        words = last[1]
        starts = [m.start() for m in re.finditer(r"\S+", words)]
        for start in starts:  # “fern rai” begins “rainy night ≥ 80” at its second word
            begun = words[start:].casefold()
            if len(begun.strip()) < LEAST_LETTERS:
                continue
            found = [one for one in self._all() if _begins(one, begun)]
            if found:
                if begun.strip() in (one.casefold() for one in found):
                    return text, []  # it is there already
                return text[: last.start(1) + start], found[:MOST]
        return text, []

    def _all(self) -> list[str]:
        learned, out = self._session.learned, []
        for slider in self._session.rack.sliders:
            if learned.lit(slider.id):
                out += [f"{slider.name} ≥ 80", f"{slider.name} ≤ 20"]
                out += [f"not rated on {slider.name}"]
        genres = self._session.catalogue.columns.genres
        return [*out, *_TEMPLATES, *(f"genre {genre}" for genre in genres[:200] if genre)]

    def _on_edited(self, text: str) -> None:
        at_end = self._field.cursorPosition() == len(text)
        before, found = self.offers(text) if at_end else (text, [])
        if not found:
            self.popup.hide()
            return
        self._completer.before = before
        self._model.setStringList(found)
        self.popup.setFont(self._field.font())
        self._completer.complete()
        self.popup.setCurrentIndex(QModelIndex())  # Enter still goes to what was found

    def _take(self, text: str) -> None:
        self._field.setText(text)
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)


def _begins(condition: str, begun: str) -> bool:
    """At its beginning, or at that of a later word of a slider's name."""
    folded = condition.casefold()
    name = re.split(r" [≥≤]", folded)[0]
    later = name != folded and len(begun) > LEAST_LETTERS
    return folded.startswith(begun) or (
        later and any(folded.startswith(begun, m.end()) for m in re.finditer(r"\s", name))
    )
