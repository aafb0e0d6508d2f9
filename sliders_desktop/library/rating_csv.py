"""Ratings as CSV text that a spreadsheet opens; read back from whatever it makes of it."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from sliders_desktop.errors import UserError
from sliders_desktop.library.rating_rows import (
    AT_ONCE,
    NOT_OURS,
    VERSION,
    RatingsFile,
    Taker,
    check_version,
    moment,
    track_name,
)
from sliders_desktop.library.records import NamedSlider, TrackName
from sliders_desktop.progress import Job

CSV_COLUMNS = (
    *("slider", "low", "high", "value", "rated_at", "title", "artist", "album", "duration_s"),
    *("path", "audio_hash", "description", "archived", "version"),
)
_NEEDED = {"slider", "value", "rated_at"}


def to_csv(file: RatingsFile) -> Iterator[str]:
    """The text, one judgement a row, with the sign by which spreadsheets know UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)

    def written(row: Sequence[object]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow([_defused(cell) if isinstance(cell, str) else cell for cell in row])
        return line.getvalue()

    yield "\ufeff" + written(CSV_COLUMNS)
    words = {slider.name: slider for slider in file.sliders}
    rated = set()
    for rating in file.ratings:
        slider, track = words[rating.slider], rating.track
        rated.add(slider.name)
        value = "" if rating.value is None else rating.value
        yield written([
            *(slider.name, slider.low, slider.high, value, moment(rating.rated_at)),
            *(track.title, track.artist, track.album, round(track.duration_s, 3), track.path),
            *(track.audio_hash, slider.description, "yes" if slider.archived else "", VERSION),
        ])  # fmt: skip
    for slider in file.sliders:
        if slider.name not in rated:
            yield written([
                *(slider.name, slider.low, slider.high, *[""] * 8, slider.description),
                *("yes" if slider.archived else "", VERSION),
            ])  # fmt: skip


def _risky(cell: str) -> bool:
    """Whether a spreadsheet could take it for a formula, or a reader of ours for a defused one."""
    return cell[:1] in "=+-@\t\r\n" if cell[:1] != "'" else cell[1:2] in tuple("=+-@\t\r\n'")


def _defused(cell: str) -> str:
    return f"'{cell}" if cell and _risky(cell) else cell


def _as_meant(cell: str) -> str:
    rest = cell[1:]
    return rest if cell.startswith("'") and rest and _risky(rest) else cell


def read_csv(text: str, taker: Taker, job: Job) -> None:
    source = io.StringIO(text, newline="")
    first = source.readline()
    if first.lower().startswith("sep="):
        first = source.readline()
    sign = next((s for s in ",;\t" if set(_header(first, s)) >= _NEEDED), "")
    if not sign:
        raise UserError(NOT_OURS)
    columns = _header(first, sign)
    reader = csv.reader(source, delimiter=sign)
    try:
        for count, row in enumerate(reader):
            if count % AT_ONCE == 0:
                job.check()
                job.progress(source.tell(), len(text))
            if any(row):
                cells = {name: _as_meant(cell) for name, cell in zip(columns, row, strict=False)}
                _take_csv(cells, sign, taker)
    except csv.Error:
        raise UserError(NOT_OURS) from None


def _header(line: str, sign: str) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return []
    return [cell.strip().lower() for cell in row]


def _take_csv(cells: dict[str, str], sign: str, taker: Taker) -> None:
    version = cells.get("version", "").strip()
    if version:
        check_version(int(version) if version.isdecimal() and len(version) < 9 else version)
    name = cells.get("slider", "").strip()
    kept = taker.slider(
        NamedSlider(
            *(name, cells.get("low") or f"not {name}", cells.get("high") or name),
            cells.get("description", ""),
            archived=cells.get("archived", "").strip().lower() in ("yes", "true", "1"),
        )
    )
    made, value = cells.get("rated_at", "").strip(), cells.get("value", "").strip()
    fields: dict[str, Any] = {**cells, "duration_s": _decimal(cells.get("duration_s", "")) or 0.0}
    track = track_name(fields.get)
    if made or value or track != TrackName("", "", "", "", "", 0.0):
        taker.rating(kept, track, _decimal(value) if value else None, made)


def _decimal(text: str) -> float | str | None:
    """A number, in spreadsheets of many countries with a comma; what is none stays text."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text or None
