"""What Sliders is, whose music it learned from, whose work it carries, and what is new."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sliders_desktop import __version__
from sliders_desktop.gui.segments import Segments
from sliders_desktop.gui.theme import Theme

if TYPE_CHECKING:
    from sliders_desktop.session.session import Session

SIZE = (640, 520)
ICON_PX = 64
RULE = "─" * 10  # below the list of works, before the licences in full
CREDITS, LICENCES, NEWS = "credits", "licences", "news"


class AboutDialog(QDialog):
    """The head stays; below it one of three texts, read when it is asked for."""

    def __init__(self, session: "Session", theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._resources = session.paths.resources
        self.setWindowTitle(self.tr("About Sliders"))
        self.resize(*SIZE)
        picture = QLabel()
        picture.setPixmap(theme.icon("sliders", size=ICON_PX).pixmap(ICON_PX, ICON_PX))
        name = QLabel(self.tr("Sliders {version}").format(version=__version__))
        name.setFont(theme.font(16, 650))
        self.what = QLabel(
            self.tr(
                "A local music player that learns what your words mean. It only reads your music, "
                "and sends nothing anywhere, unless you agree to ListenBrainz in the File menu."
            )
        )
        self.what.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(name)
        words.addWidget(self.what)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self.choice = Segments(
            theme,
            [
                (CREDITS, self.tr("Music"), self.tr("Whose music Sliders learned from")),
                (LICENCES, self.tr("Licences"), self.tr("Whose work Sliders carries")),
                (NEWS, self.tr("What’s new"), self.tr("What each version brought")),
            ],
        )
        self.choice.chosen.connect(self.show_text)
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.tr("Text"))
        self.text.setOpenExternalLinks(True)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(14)
        column.addLayout(head)
        column.addWidget(self.choice)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self.show_text(CREDITS)
        close.setFocus()

    def show_text(self, which: str) -> None:
        """Show one of `CREDITS`, `LICENCES`, `NEWS`."""
        self.choice.show_key(which)
        if which == LICENCES:
            self.text.setPlainText(self._licences())
        else:
            file = "CREDITS.md" if which == CREDITS else "CHANGELOG.md"
            self.text.setMarkdown((self._resources / file).read_text(encoding="utf-8"))

    def _licences(self) -> str:
        """The list of works; the licences in full are too long for a window."""
        notices = self._resources / "THIRD-PARTY.txt"
        try:
            text = notices.read_text(encoding="utf-8")
        except OSError:
            return self.tr(
                "Sliders’ own source is under the MIT licence. This copy runs from its sources: "
                "the packages it uses lie beside it, each with its licence."
            )
        works = text.partition(f"\n{RULE}")[0].rstrip()
        where = self.tr("The licences in full: {path}").format(path=notices)
        return f"{where}\n\n{works}"
