"""Invent a word, or rename one: its name and the words at its two ends. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.library.records import Slider

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

LONGEST = 40  # letters of a name or an end word
LONGEST_DESCRIPTION = 200


class NewSliderDialog(NameDialog):
    """Makes a slider, or changes the words of ``slider``."""

    def __init__(
        self, session: "Session", parent: QWidget | None = None, slider: Slider | None = None
    ) -> None:
        super().__init__(
            parent,
            self.tr("Rename slider") if slider else self.tr("New slider"),
            self.tr(
                "Any word that means something to your ears. Sliders learns it from the tracks "
                "you rate between its two ends."
            ),
            self.tr("Save") if slider else self.tr("Create"),
            LONGEST,
        )
        self._rack, self._slider = session.rack, slider
        self._low_typed = slider is not None
        self._high_typed = slider is not None
        self.name.setPlaceholderText(self.tr("rainy night"))
        self.low = self.line(self.tr("Low word"), self.tr("not rainy night"))
        self.high = self.line(self.tr("High word"), self.tr("rainy night"))
        self.description = self.line(
            self.tr("Description"), self.tr("what you mean by it, if you like"), LONGEST_DESCRIPTION
        )
        self.lines(
            (self.tr("&Name"), self.name),
            (self.tr("&Low end (1)"), self.low),
            (self.tr("&High end (9)"), self.high),
            (self.tr("&Description"), self.description),
        )
        if slider is not None:
            self.low.setText(slider.low_label)
            self.high.setText(slider.high_label)
            self.description.setText(slider.description)
        self.low.textEdited.connect(self._on_low_edited)
        self.high.textEdited.connect(self._on_high_edited)
        self.begin(slider.name if slider else "")

    def look(self) -> None:
        """The ends follow the name until they are written themselves."""
        super().look()
        name = self.name.text().strip()
        if not self._low_typed:
            self.low.setText(self.tr("not {name}").format(name=name) if name else "")
        if not self._high_typed:
            self.high.setText(name)

    def _on_low_edited(self, text: str) -> None:
        self._low_typed = bool(text.strip())

    def _on_high_edited(self, text: str) -> None:
        self._high_typed = bool(text.strip())

    def keep(self, name: str) -> None:
        words = (line.text().strip() for line in (self.low, self.high, self.description))
        if self._slider is None:
            self._rack.create(name, *words)
        else:
            self._rack.edit(self._slider.id, name, *words)
