"""How one track gives way to the next: whether both are of one album, how long both are heard."""

from sliders_desktop.library.path_text import album_folder
from sliders_desktop.library.records import TrackRow

LONGER = 4  # times the overlap: a shorter track would be little else


def same_album(one: TrackRow, other: TrackRow) -> bool:
    """Of one name, and by one artist or in one folder (discs in folders of their own count)."""
    if not one.album or one.album != other.album:
        return False
    by_one = bool(one.artist) and one.artist == other.artist
    return by_one or album_folder(one.path) == album_folder(other.path)


def overlap_s(before: TrackRow, after: TrackRow, wish_s: float) -> float:
    """Seconds of crossfade; 0 within an album, within one file, and where a track is too short."""
    if before.path == after.path or same_album(before, after):
        return 0.0
    shortest_s = min(before.duration_s, after.duration_s)
    return wish_s if shortest_s >= LONGER * wish_s else 0.0
