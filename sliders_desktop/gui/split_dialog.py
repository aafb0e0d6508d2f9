"""Split a new word off another: its name and ends, and which ratings it begins with."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.gui.new_slider_dialog import LONGEST

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

WIDTH = 380


class SplitDialog(NameDialog):
    """Signals:
    done_with(str): what was done, in a sentence.
    """

    done_with = Signal(str)

    def __init__(self, session: "Session", slider_id: int, parent: QWidget | None = None) -> None:
        slider = session.rack.slider(slider_id)
        old = slider.name if slider else ""
        title = self.tr("Split off {name}").format(name=old)
        super().__init__(parent, title, "", self.tr("Split off"), LONGEST, WIDTH)
        self._rack, self._id, self._old = session.rack, slider_id, old
        known = session.rack.ratings(slider_id)
        self._chosen = [track for track in session.catalogue.selection if track in known]
        self.low = self.line(self.tr("Low word"))
        self.high = self.line(self.tr("High word"))
        if slider is not None:
            self.low.setText(slider.low_label)
            self.high.setText(slider.high_label)
        self.lines(
            (self.tr("&Name"), self.name),
            (self.tr("&Low end (1)"), self.low),
            (self.tr("&High end (9)"), self.high),
        )
        self.all = QRadioButton(self.tr("Begin with &all its ratings ({n:,})").format(n=len(known)))
        self.only = QRadioButton(
            self.tr("Only those of the &chosen tracks ({n:,})").format(n=len(self._chosen))
        )
        self.only.setEnabled(bool(self._chosen))
        self.all.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self.all)
        group.addButton(self.only)
        said = self.tr("From then on each goes its own way; {name} keeps what it has.")
        self.says = self.words(said.format(name=old))
        self.says.setProperty("role", "soft")
        for widget in (self.all, self.only, self.says):
            self.body.addWidget(widget)
        self.begin("")

    def keep(self, name: str) -> None:
        low, high = (line.text().strip() for line in (self.low, self.high))
        tracks = self._chosen if self.only.isChecked() else None
        slider = self._rack.split(self._id, name, low, high or name, tracks)
        count = len(self._rack.ratings(slider.id))
        text = self.tr("1 rating") if count == 1 else self.tr("{n:,} ratings").format(n=count)
        said = self.tr("{name} begins with {ratings} of {old}.")
        self.done_with.emit(said.format(name=slider.name, ratings=text, old=self._old))
