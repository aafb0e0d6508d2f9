"""Every choice of `Settings`, made from its declaration; each takes effect at once."""

from collections.abc import Iterable
from dataclasses import Field, fields, replace
from functools import partial
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop.config import Settings
from sliders_desktop.gui.controls import ElidedLabel
from sliders_desktop.gui.form_controls import Choice, Switch, ThinSlider
from sliders_desktop.gui.learning_section import LearningSection
from sliders_desktop.gui.theme import Theme
from sliders_desktop.ml import add_on

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

STEPS = 100
WIDTH_PX = 200


class SettingsDialog(QDialog):
    """One row per setting, and the music folders."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.setWindowTitle(self.tr("Settings"))
        self.resize(560, 640)
        self.editors: dict[str, QWidget] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(16)
        column.addWidget(self._head(self.tr("Music folders")))
        self._folders = QVBoxLayout()
        self._folders.setSpacing(4)
        column.addLayout(self._folders)
        shown = [f for f in fields(Settings) if f.name != "updates" or session.updates.possible]
        for name, members in groupby(shown, lambda f: f.metadata["group"]):
            column.addSpacing(8)
            column.addWidget(self._head(name))
            column.addLayout(self._form(members))
        column.addSpacing(8)
        column.addWidget(self._head(self.tr("What Sliders learned from your listening")))
        self.learning = LearningSection(session)
        column.addWidget(self.learning)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 16)
        foot.addStretch(1)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(area, 1)
        whole.addLayout(foot)
        session.settings_changed.connect(self._show_values)
        session.playback.outputs.changed.connect(self._list_outputs)
        self._list_folders()
        self._show_values()

    def _head(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setFont(self._theme.font(14, 600))
        return label

    def _form(self, members: "Iterable[Field[Any]]") -> QGridLayout:
        """One row a setting: what it is, and its editor."""
        form = QGridLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(16)
        form.setColumnStretch(0, 1)
        for row, declared in enumerate(members):
            editor = self._editor(declared)
            editor.setObjectName(declared.name)
            editor.setAccessibleName(_title(declared))
            editor.setAccessibleDescription(declared.metadata["help"])
            self.editors[declared.name] = editor
            form.addWidget(self._words(declared, self._more(declared)), row, 0)
            form.addWidget(editor, row, 1, Qt.AlignmentFlag.AlignRight)
        return form

    def _more(self, declared: "Field[Any]") -> str:
        """What can be said only here and now."""
        return add_on.offer(self._session.paths) if declared.name == "device" else ""

    def _words(self, declared: "Field[Any]", more: str) -> QLabel:
        """The name, and below it what it means."""
        faint, help_text = self._theme.soft.name(), declared.metadata["help"]
        if more:
            help_text = f"{help_text}. {escape(more)}"
        label = QLabel(
            f'{_title(declared)}<div style="color: {faint}; font-size: 11px">{help_text}</div>'
        )
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        return label

    # ── one editor a field ──────────────────────────────────────────────────────────────────

    def _editor(self, declared: "Field[Any]") -> QWidget:
        default: Any = declared.default
        choices = declared.metadata["choices"]
        if declared.name == "output":
            combo = self._combo(self._outputs())
            combo.opening.connect(self._list_outputs)
            return combo
        if choices:
            return self._combo(list(zip(declared.metadata["words"], choices, strict=True)))
        if isinstance(default, bool):
            box = Switch(self._theme)
            box.clicked.connect(self._on_edited)
            return box
        if isinstance(default, float):
            slider = ThinSlider(self._theme, _title(declared), WIDTH_PX)
            slider.valueChanged.connect(self._on_edited)
            return slider
        line = QLineEdit()
        line.setFixedWidth(WIDTH_PX)
        line.editingFinished.connect(self._on_edited)
        return line

    def _combo(self, choices: list[tuple[str, Any]]) -> Choice:
        combo = Choice(self._theme)
        combo.setFixedWidth(WIDTH_PX)
        for title, value in choices:
            combo.addItem(title, value)
        combo.activated.connect(self._on_edited)
        return combo

    def _outputs(self) -> list[tuple[str, str]]:
        self._session.playback.outputs.look()
        found = list(self._session.playback.outputs.names)
        chosen = self._session.settings.output
        if chosen and chosen not in found:
            found.insert(0, chosen)  # unplugged now, chosen still
        return [(self.tr("as the system"), ""), *((name, name) for name in found)]

    def _list_outputs(self) -> None:
        """Devices come and go: what the last look found is listed when the listener looks."""
        combo = self.editors["output"]
        assert isinstance(combo, Choice)
        combo.clear()
        for title, value in self._outputs():
            combo.addItem(title, value)
        _show(combo, self._session.settings.output)

    def _on_edited(self) -> None:
        editor = self.sender()
        if isinstance(editor, QWidget):
            name = editor.objectName()
            if name:
                self._apply(name, _value(editor))

    def _apply(self, name: str, value: Any) -> None:
        """What the player holds is changed there; it keeps the setting itself."""
        playback = self._session.playback
        changes: dict[str, Any] = {
            "shuffle": playback.set_shuffle,
            "repeat": playback.set_repeat,
            "volume": playback.set_volume,
            "near_far": partial(self._turn, "near_far"),
            "forgotten": partial(self._turn, "forgotten"),
            "artist_gap": partial(self._turn, "artist_gap"),
            "radio": playback.set_radio,
        }
        if name in changes:
            changes[name](value)
        else:
            self._session.set_setting(name, value)

    def _turn(self, name: str, value: Any) -> None:
        playback = self._session.playback
        playback.set_own_knobs(replace(playback.own_knobs, **{name: value}))

    def _show_values(self) -> None:
        for name, editor in self.editors.items():
            editor.blockSignals(True)
            _show(editor, getattr(self._session.settings, name))
            editor.blockSignals(False)

    # ── folders ─────────────────────────────────────────────────────────────────────────────

    def _list_folders(self) -> None:
        while self._folders.count():
            if (widget := self._folders.takeAt(0).widget()) is not None:
                widget.deleteLater()
        folders = self._session.work.folders()
        for folder in folders:
            self._folders.addWidget(self._folder_row(folder.id, folder.path))
        if not folders:
            none = QLabel(self.tr("None yet: File, Add music folder…"))
            none.setProperty("role", "soft")
            self._folders.addWidget(none)

    def _folder_row(self, folder_id: int, path: str) -> QWidget:
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        name = ElidedLabel(self._theme, self._theme.font(13), "soft")
        name.set_text(path)
        remove = QPushButton(self.tr("Remove"))
        remove.setProperty("folder", folder_id)
        remove.setAccessibleName(self.tr("Remove {path}").format(path=path))
        remove.setToolTip(self.tr("Its tracks stay known, with their ratings, as away"))
        remove.setAutoDefault(False)
        remove.clicked.connect(self._on_remove)
        across.addWidget(name, 1)
        across.addWidget(remove)
        return row

    def _on_remove(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self._session.work.remove_folder(button.property("folder"))
            self._list_folders()


def _title(declared: "Field[Any]") -> str:
    return declared.metadata["title"] or declared.name.replace("_", " ").capitalize()


def _value(editor: QWidget) -> Any:
    if isinstance(editor, QComboBox):
        return editor.currentData()
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QSlider):
        return editor.value() / STEPS
    assert isinstance(editor, QLineEdit)
    return editor.text()


def _show(editor: QWidget, value: Any) -> None:
    if isinstance(editor, QComboBox):
        editor.setCurrentIndex(max(0, editor.findData(value)))
    elif isinstance(editor, QCheckBox):
        editor.setChecked(value)
    elif isinstance(editor, QSlider):
        editor.setValue(round(value * STEPS))
    elif isinstance(editor, QLineEdit):
        editor.setText(str(value))
