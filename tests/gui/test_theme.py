"""Colours that can be read, fonts with even figures, icons that are crisp or quietly missing."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication

from sliders_desktop.gui.theme import ROLES, Theme


def _luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: QColor, other: QColor) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("choice", ["dark", "light"])
@pytest.mark.parametrize("behind", ["ground", "panel", "raised"])
@pytest.mark.parametrize("role", ["text", "soft", "lit"])
def test_text_can_be_read(theme: Theme, choice: str, behind: str, role: str) -> None:
    theme.set_choice(choice)
    assert _contrast(theme.color(role), theme.color(behind)) >= 4.5


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_focus_and_written_amber_stand_out(theme: Theme, choice: str) -> None:
    theme.set_choice(choice)
    assert _contrast(theme.focus, theme.panel) >= 3.0
    assert _contrast(theme.on_lamp, theme.lamp) >= 4.5


def test_choice_changes_colours_once(theme: Theme) -> None:
    heard: list[bool] = []
    theme.changed.connect(lambda: heard.append(theme.dark))
    theme.set_choice("light")
    theme.set_choice("light")
    theme.set_choice("dark")
    assert heard == [False, True]
    assert theme.ground.name() == ROLES["ground"][0]


def test_system_that_says_nothing_is_dark(theme: Theme) -> None:
    theme.set_choice("light")
    theme.set_choice("system")
    assert theme.dark


def test_diverging_goes_from_blue_over_grey_to_amber(theme: Theme) -> None:
    colors = theme.diverging(np.array([0.0, 0.5, 1.0, np.nan, -3.0, 7.0], dtype=np.float32))
    assert colors.shape == (6, 3)
    assert colors.dtype == np.uint8
    low, middle, high, unknown, below, above = colors.astype(int)
    assert low[2] > low[0] and high[0] > high[2]  # noqa: PT018 – one idea
    assert np.ptp(middle) < 40
    assert (unknown == middle).all()
    assert (below == low).all()
    assert (above == high).all()


def test_scale_is_told_apart_by_the_red_green_blind(theme: Theme) -> None:
    # Blue against yellow is what both kinds still see.
    colors = theme.diverging(np.linspace(0, 1, 11, dtype=np.float32)).astype(int)
    yellow = (colors[:, 0] + colors[:, 1]) // 2 - colors[:, 2]
    assert (np.diff(yellow) > 0).all()


def test_tabular_figures_are_equally_wide(theme: Theme) -> None:
    metrics = QFontMetricsF(theme.font(13, 400, tabular=True))
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))


def test_icons_are_tinted_and_crisp(theme: Theme) -> None:
    pixmap = theme.pixmap("play", "lit", 18, 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (36, 2.0)
    image = pixmap.toImage()
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert middle.name() == theme.lit.name()
    assert theme.icon("play") is theme.icon("play")


def test_a_missing_icon_is_empty_not_an_error(theme: Theme) -> None:
    image = theme.pixmap("no-such-icon").toImage()
    assert not any(
        image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height())
    )


def test_style_sheet_has_no_role_left_over(theme: Theme) -> None:
    sheet = theme.style_sheet()
    assert "QLineEdit" in sheet
    assert "{{" not in sheet


def test_install_dresses_the_application(theme: Theme, qapp: QApplication) -> None:
    before, sheet, style = qapp.palette(), qapp.styleSheet(), qapp.style().objectName()
    try:
        theme.install(qapp)
        assert qapp.palette().window().color() == theme.panel
        theme.set_choice("light")
        assert qapp.palette().window().color().name() == ROLES["panel"][1]
    finally:
        theme.set_choice("dark")
        theme._app = None
        qapp.setStyleSheet(sheet)
        qapp.setPalette(before)
        qapp.setStyle(style)
