"""Give a preset its name: for the handles of now, or another for one that is there. Main thread."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from sliders_desktop.gui.name_dialog import NameDialog
from sliders_desktop.library.records import Preset
from sliders_desktop.session.pull_words import summary

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session


class PresetDialog(NameDialog):
    """Keeps the handles of now by name, or renames ``preset``."""

    def __init__(
        self, session: "Session", parent: QWidget | None = None, preset: Preset | None = None
    ) -> None:
        handles = [(slider.name, handle) for slider, handle in session.steering.handles()]
        super().__init__(
            parent,
            self.tr("Rename preset") if preset else self.tr("Keep these handles"),
            "" if preset else summary(handles),
            self.tr("Save"),
        )
        self._presets, self._preset = session.presets, preset
        self.name.setAccessibleName(self.tr("Name of the preset"))
        self.name.setPlaceholderText(self.tr("Sunday morning"))
        self.body.addWidget(self.name)
        self.begin(preset.name if preset else "")

    def look(self) -> None:
        """A name that is there already is changed, and the button says so."""
        super().look()
        known = self._presets.named(self.name.text()) if self._preset is None else None
        self.accept_button.setText(self.tr("Replace") if known else self.tr("Save"))
        if known:
            said = self.tr("“{name}” gets these handles instead of its own.")
            self.say(said.format(name=known.name))

    def keep(self, name: str) -> None:
        if self._preset is None:
            self._presets.keep(name)
        else:
            self._presets.rename(self._preset, name)
