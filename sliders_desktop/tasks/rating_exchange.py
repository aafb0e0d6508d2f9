"""Ratings out into a file and in from one: lane `ratings`. A file comes in whole or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sliders_desktop.errors import UserError
from sliders_desktop.library.rating_files import MOST_BYTES, RatingsFile, read, to_csv, to_json
from sliders_desktop.library.store import Store
from sliders_desktop.progress import NO_JOB, Job

AT_ONCE = 500  # lines between two looks at the job


@dataclass(frozen=True)
class Exported:
    """What was written to a file."""

    sliders: int
    ratings: int
    name: str  # the file's

    @property
    def sentence(self) -> str:
        return (
            f"{_count(self.ratings, 'rating')} on {_count(self.sliders, 'slider')} "
            f"{'is' if self.ratings == 1 else 'are'} in {self.name}."
        )


@dataclass(frozen=True, eq=False)
class Imported:
    """What came in from a file; ``left_out`` is of tracks that this library does not have."""

    added: int
    known: int
    new_sliders: tuple[str, ...]
    other_words: tuple[str, ...]  # sliders whose ends read otherwise here
    left_out: RatingsFile
    held: Mapping[int, Mapping[int, float]]  # slider → track → value, of the sliders that changed
    up_to: int  # the newest rating's id when ``held`` was read

    @property
    def sentence(self) -> str:
        """All of it, the usual first."""
        said = [f"{_count(self.added, 'rating')} added."]
        if not self.added and not self.left_out.ratings:
            said = ["Nothing new: every rating of this file is here already."]
        elif self.known:
            said.append(f"{_count(self.known, 'rating')} {_was(self.known)} here already.")
        if self.new_sliders:
            said.append(f"New: {_listed(self.new_sliders)}.")
        if self.other_words:
            one = len(self.other_words) == 1
            said.append(
                f"{_listed(self.other_words)} {'has' if one else 'have'} other end words here, "
                "and the ratings joined."
            )
        if left := len(self.left_out.ratings):
            tracks = len({rating.track for rating in self.left_out.ratings})
            said.append(
                f"{_count(left, 'rating')} of {_count(tracks, 'track')} that this library does "
                f"not have {_was(left)} left out."
            )
        return " ".join(said)


def export_ratings(store: Store, path: Path, job: Job = NO_JOB) -> Exported:
    """Write the whole history of all sliders that are not deleted; ".csv" as CSV, else JSON."""
    file = RatingsFile(store.named_sliders(), store.named_ratings())
    return save_ratings(store, file, path, job)


def save_ratings(store: Store, file: RatingsFile, path: Path, job: Job = NO_JOB) -> Exported:
    """Write these ratings; the file is there complete or not at all."""
    part = path.with_name(path.name + ".part")
    lines = to_csv(file) if path.suffix.lower() == ".csv" else to_json(file)
    total = len(file.ratings)
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            for count, line in enumerate(lines):
                if count % AT_ONCE == 0:
                    job.check()
                    job.progress(min(count, total), total)
                out.write(line)
        part.replace(path)
    except OSError as error:
        raise UserError(f"{path.name} can't be written: {error.strerror}.") from error
    finally:
        _remove(part)
    return Exported(len(file.sliders), total, path.name)


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # what kept it from being written keeps it from being removed, and was said


def import_ratings(store: Store, path: Path, job: Job = NO_JOB) -> Imported:
    """Add what a file tells and the library does not know yet.

    Sliders are joined by name, whatever its case. Ratings take their place in time, so that a
    newer one of the listener's still holds.
    """
    file = read(_bytes(path), job)
    names = list(dict.fromkeys(rating.track for rating in file.ratings))
    track_of = dict(zip(names, store.match_tracks(names, job), strict=True))
    place = {slider.name: at for at, slider in enumerate(file.sliders)}
    here = {slider.name.casefold(): slider for slider in store.named_sliders()}
    rows, left_out = [], []
    for rating in file.ratings:
        track_id = track_of[rating.track]
        if track_id is None:
            left_out.append(rating)
        else:
            rows.append((place[rating.slider], track_id, rating.value, rating.rated_at))
    incoming = store.import_ratings(file.sliders)
    try:
        counts = incoming.add(rows, job)
        if any(counts) or incoming.new:
            incoming.finish()
        else:
            incoming.drop()
    except BaseException:
        incoming.drop()
        raise
    left = {rating.slider for rating in left_out}
    known = [here.get(slider.name.casefold()) for slider in file.sliders]
    changed = [i for i, count in zip(incoming.slider_ids, counts, strict=True) if count]
    return Imported(
        sum(counts),
        len(rows) - sum(counts),
        tuple(slider.name for slider, old in zip(file.sliders, known, strict=True) if not old),
        tuple(
            old.name
            for slider, old in zip(file.sliders, known, strict=True)
            if old and (old.low, old.high) != (slider.low, slider.high)
        ),
        RatingsFile([slider for slider in file.sliders if slider.name in left], left_out),
        *read_ratings(store, changed),
    )


def read_ratings(
    store: Store, slider_ids: Iterable[int], job: Job = NO_JOB
) -> tuple[dict[int, dict[int, float]], int]:
    """What holds on these sliders, slider → track → value; and the newest rating's id."""
    up_to = store.newest_rating()
    held = {}
    for slider_id in dict.fromkeys(slider_ids):
        ratings = store.ratings(slider_id)
        held[slider_id] = {r.track_id: r.value for r in ratings if r.value is not None}
    return held, up_to


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path.name} is too large to be a file of ratings.")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path.name} can't be read: {error.strerror}.") from error


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _listed(names: tuple[str, ...]) -> str:
    """“calm, warm and 3 more”."""
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
