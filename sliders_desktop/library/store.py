"""The library: every question asked of the database, every row written to it.

Each thread opens its own `Store`; sqlite3 refuses the others. Paths of files are `str`, exact even
where their names are not Unicode. Times are UTC seconds. Any method may raise `UserError` with a
sentence for the listener when the disk fails, is full, or the file is damaged.
"""

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sliders_desktop.library import (
    constellations,
    folders,
    forgetting,
    identity,
    listens,
    loudness,
    maps,
    playlist_matching,
    playlists,
    ratings,
    regions,
    search,
    sliders,
    tracks,
    vectors,
    words,
)
from sliders_desktop.library.database import Database
from sliders_desktop.library.path_text import readable
from sliders_desktop.library.ratings import IncomingRatings
from sliders_desktop.library.records import (
    Constellation,
    EncoderRow,
    Folder,
    FoundTrack,
    HeadRow,
    Judgement,
    KnownFile,
    Level,
    Listen,
    MapState,
    NamedRating,
    NamedSlider,
    Play,
    Playlist,
    PlaylistEntry,
    Preset,
    Rating,
    Region,
    Saved,
    Slider,
    SmartList,
    TrackName,
    TrackRow,
    Word,
)
from sliders_desktop.library.tracks import THESE, Ids, listed
from sliders_desktop.progress import NO_JOB, Job

_RATING = "id, track_id, slider_id, value, rated_at"
_DERIVED = (
    *("embeddings", "overviews", "loudness", "slider_heads"),
    *("map_points", "map_neighbours", "maps"),
)


class Store:
    """One thread's view of the library; close it on the thread that opened it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    # ── The file ──

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open the library, made or brought up to date where needed (with a backup before).

        Raises `UserError` if the file is damaged or out of reach, `DatabaseTooNew` if a newer
        version of the program wrote it.
        """
        return cls(Database(Path(path).expanduser()))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def backup(self, path: str | Path) -> None:
        """Copy the whole library to ``path``, consistent even while others write."""
        self._db.backup(Path(path))

    def forget_derived(self) -> None:
        """Empty what can be computed again; ratings, plays, sliders and tracks stay."""
        with self._db.derived() as block:
            for table in _DERIVED:
                block.execute(f"DELETE FROM {table}")

    def counts(self) -> dict[str, int]:
        """How much there is of each kind, for `doctor`."""
        tables = (
            *("folders", "tracks", "sliders", "ratings", "presets", "smart_lists", "playlists"),
            *("constellations", "stars", "regions", "plays", "encoders", *_DERIVED),
        )
        counts = {table: self._count(table) for table in tables}
        counts["missing"] = self._count("tracks WHERE missing_since IS NOT NULL")
        counts["problems"] = self._count("tracks WHERE error IS NOT NULL")
        counts["bytes"] = self._db.path.stat().st_size
        return counts

    def _count(self, what: str) -> int:
        return int(self._db.one(f"SELECT count(*) FROM {what}")[0])

    # ── Folders and files ──

    def folders(self) -> list[Folder]:
        return folders.folders(self._db)

    def add_folder(self, path: str | Path) -> Folder:
        """Know a music folder, or return the known one that encloses it.

        Known folders inside the new one become part of it, and tracks of a folder that was
        removed are its own again.
        """
        return folders.add(self._db, path)

    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder; its tracks stay, missing, with all that was said of them."""
        folders.remove(self._db, folder_id)

    def known_files(self, folder_id: int) -> dict[str, list[KnownFile]]:
        """What is known of each path of a folder, missing ones too, for `scanner.diff`.

        One of a whole file, several of one that a cue sheet parts.
        """
        return tracks.known_files(self._db, folder_id)

    def save_found(self, folder_id: int, found: Sequence[FoundTrack]) -> Saved:
        """Write what was read from files, all or nothing; `identity` says which track each is.

        First `mark_missing` what is gone and `mark_present` what is back. Some hundred files a
        call keep the block short; how a scan is cut into calls does not matter, but the parts of
        a file come together.
        """
        return identity.save_found(self._db, folder_id, found)

    def mark_missing(self, ids: Ids) -> list[int]:
        """Their files, or the whole folder, are away; the rows stay.

        Returns those that are not missing after all: judged ones took the place of a copy of
        the same audio of which nothing was said yet.
        """
        return tracks.mark_missing(self._db, ids)

    def mark_present(self, ids: Ids) -> None:
        """Their files are back where they were."""
        self._db.write(
            f"UPDATE tracks SET missing_since = NULL WHERE path IS NOT NULL AND id IN {THESE}",
            [listed(ids)],
        )

    # ── Tracks ──

    def rows(self, ids: Ids | None = None) -> list[TrackRow]:
        """The track table, ordered by id: everything, or those of ``ids`` that exist."""
        return tracks.rows(self._db, ids)

    def rows_after(self, track_id: int) -> list[TrackRow]:
        """Rows of the tracks that came after ``track_id``, ordered by id."""
        newer = self._db.all("SELECT id FROM tracks WHERE id > ? ORDER BY id", [track_id])
        return self.rows(row[0] for row in newer) if newer else []

    def track_count(self) -> int:
        """How many tracks are known, those that are away too."""
        return self._count("tracks")

    def search(self, text: str) -> NDArray[np.int64]:
        """Ids (n,), ascending, of tracks with all words of ``text`` as beginnings of words.

        Title, artist, album and genre are searched, without regard to case, accents or order.
        Any text is fine; an empty one finds everything.
        """
        return search.search(self._db, text)

    def resolve(self, text: str) -> list[int]:
        """The tracks meant by an id, a path (its parts, in order), or else words to search for."""
        return search.resolve(self._db, text)

    def set_error(self, track_id: int, reason: str) -> None:
        """Remember why a track could not be listened to."""
        self._db.write(
            "UPDATE tracks SET error = ? WHERE id = ?",
            [readable(reason) or "unknown reason", track_id],
        )

    def clear_errors(self, ids: Ids | None = None) -> list[int]:
        """Give tracks another chance, all or those of ``ids``; returns those that had an error.

        Their files count as changed, so that the next scan reads them again.
        """
        chosen, values = ("", []) if ids is None else (f" AND id IN {THESE}", [listed(ids)])
        with self._db.precious() as block:
            found = block.execute(f"SELECT id FROM tracks WHERE error NOT NULL{chosen}", values)
            had = [row[0] for row in found]
            block.execute(
                f"UPDATE tracks SET error = NULL, mtime_ns = ? WHERE id IN {THESE}",
                [identity.READ_AGAIN, listed(had)],
            )
        return had

    def problems(self) -> list[TrackRow]:
        """Tracks that could not be listened to, with the reason in ``error``."""
        return self.rows(
            row[0] for row in self._db.all("SELECT id FROM tracks WHERE error NOT NULL")
        )

    # ── Vectors, overviews and the map: derived ──

    def use_encoder(self, sha256: str, name: str, dim: int) -> int:
        """The id of the encoder whose weights have this hash; known and wanted from now on."""
        with self._db.precious() as block:
            block.execute(
                """
                INSERT INTO encoders (sha256, name, dim, added_at, used)
                VALUES (?, ?, ?, ?, (SELECT coalesce(max(used), 0) + 1 FROM encoders))
                ON CONFLICT(sha256) DO UPDATE SET used = excluded.used
                WHERE used < excluded.used - 1
                """,
                [sha256, name, dim, _now()],
            )
        return int(self._db.one("SELECT id FROM encoders WHERE sha256 = ?", [sha256])[0])

    def encoders(self) -> list[EncoderRow]:
        """Every encoder that is known, the one put to use last first."""
        rows = self._db.all(
            "SELECT id, sha256, name, dim, added_at FROM encoders ORDER BY used DESC"
        )
        return [EncoderRow(*row) for row in rows]

    def wanted_encoder(self) -> int | None:
        """The encoder put to use last: it shall serve as soon as it is ready."""
        row = self._db.one("SELECT id FROM encoders ORDER BY used DESC")
        return row[0] if row else None

    def serving_encoder(self) -> int | None:
        """The wanted encoder, or the one wanted before it that has listened to nearly as much.

        So the vectors of an old one serve until those of a new one are ready. What counts are
        tracks that can be listened to now; while all are away, whatever was heard.
        """
        return vectors.serving(self._db)

    def forget_encoder(self, encoder_id: int) -> None:
        """Drop an encoder's vectors, heads and map, in blocks that let others write between."""
        vectors.forget(self._db, encoder_id)

    def tracks_without_vectors(self, encoder_id: int) -> list[int]:
        """What is left to listen to: present, without error, any beginning of it varied.

        Folders take turns, within each its artists, within each their albums, so that a map of
        the first hundreds already shows the whole library.
        """
        return vectors.waiting(self._db, encoder_id)

    def tracks_in_turns(self) -> list[int]:
        """All that can be listened to now, varied as `tracks_without_vectors` is."""
        return vectors.waiting(self._db, vectors.NO_ENCODER)

    def save_embeddings(
        self, encoder_id: int, made: Sequence[tuple[int, NDArray[np.float32], int]]
    ) -> None:
        """Save (track id, vector (d,), segments heard) of each; replaces older ones."""
        vectors.save(self._db, encoder_id, made)

    def vectors(self, encoder_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Every vector of an encoder, those of missing tracks too: ids (n,) ascending, X (n, d)."""
        return vectors.load(self._db, encoder_id)

    def vector_count(self, encoder_id: int) -> int:
        """How many tracks an encoder has listened to."""
        return int(
            self._db.one("SELECT count(*) FROM embeddings WHERE encoder_id = ?", [encoder_id])[0]
        )

    def overview(self, track_id: int) -> NDArray[np.uint8] | None:
        """The waveform's peaks (m,), as they were saved."""
        row = self._db.one("SELECT peaks FROM overviews WHERE track_id = ?", [track_id])
        return np.frombuffer(row[0], np.uint8) if row else None

    def save_overview(self, track_id: int, peaks: NDArray[np.uint8]) -> None:
        peaks_blob = np.asarray(peaks, np.uint8).tobytes()
        with self._db.derived() as block:
            block.execute("REPLACE INTO overviews VALUES (?, ?)", [track_id, peaks_blob])

    # ── The map ──

    def map_state(self, encoder_id: int) -> MapState:
        """How an encoder's map came about."""
        return maps.state(self._db, encoder_id)

    def map_points(self, encoder_id: int) -> maps.Places:
        """The map of an encoder: ids (n,) ascending, xy (n, 2)."""
        return maps.places(self._db, encoder_id)

    def map_before(self, encoder_id: int) -> maps.Places:
        """The map of the encoder used last among the others that have one: ids (n,), xy (n, 2)."""
        return maps.before(self._db, encoder_id)

    def save_map(
        self,
        encoder_id: int,
        ids: NDArray[np.int64],
        xy: NDArray[np.float32],
        *,
        anew: bool = True,
        lent: bool = False,
    ) -> None:
        """Replace an encoder's map by points ``xy`` (n, 2) of the tracks ``ids`` (n,).

        ``anew``: drawn from the ground up; ``lent``: they are those of another encoder. The places
        before are kept, once, for `take_back_map`.
        """
        whole = len(ids) if anew else maps.state(self._db, encoder_id).anew
        maps.replace(self._db, encoder_id, (ids, xy), MapState(len(ids), whole, lent))

    def add_map_points(
        self, encoder_id: int, ids: NDArray[np.int64], xy: NDArray[np.float32]
    ) -> None:
        """Place or move points ``xy`` (n, 2) of the tracks ``ids`` (n,), leaving the others."""
        maps.add(self._db, encoder_id, (ids, xy))

    def take_back_map(self, encoder_id: int) -> None:
        """Let the map and the one before the last drawing change places, if there is one."""
        maps.take_back(self._db, encoder_id)

    def mend_map(self, encoder_id: int) -> None:
        """Bring back the map before a drawing whose saving was cut off."""
        maps.mend(self._db, encoder_id)

    def decline_map(self, encoder_id: int) -> None:
        """Keep the places that were lent to an encoder; no map of its own is offered any more."""
        maps.decline(self._db, encoder_id)

    def neighbours(self, encoder_id: int) -> maps.Neighbours | None:
        """Who is near whom, as it was kept; None if nothing was."""
        return maps.neighbours(self._db, encoder_id)

    def save_neighbours(
        self, encoder_id: int, now: maps.Neighbours, changed: NDArray[np.int64]
    ) -> None:
        """Keep the rows ``changed`` (c,) of ``now``, and drop tracks that are not in it."""
        maps.save_neighbours(self._db, encoder_id, now, changed)

    # ── Loudness ──

    def save_loudness(self, made: Sequence[loudness.Measured]) -> None:
        """Keep (track id, LUFS or None if silent, true peak, blocks) of each; replaces older."""
        loudness.save(self._db, made)

    def levels(self, ids: Ids) -> list[Level]:
        """What tags and measurements say of those of ``ids`` that exist, ordered by id."""
        return loudness.levels(self._db, ids)

    def every_loudness(self) -> list[tuple[int, float]]:
        """Id and LUFS of all tracks of which that is known, ordered by id."""
        return loudness.every(self._db)

    def album_of(self, track_id: int) -> list[int]:
        """Ids, ascending, of a track's album, its own among them: what is present of it.

        The tracks whose album has the same name, in the same folder or by the same artist or album
        artist; discs in folders of their own count as one. None if the track names no album.
        """
        return loudness.of_album(self._db, track_id)

    def levels_spread(self, n: int) -> list[Level]:
        """Of about ``n`` tracks from all over the library."""
        return loudness.spread(self._db, n)

    def tracks_without_loudness(self) -> list[int]:
        """Listened to and present, but neither measured nor fully described by tags.

        Album by album.
        """
        return loudness.waiting(self._db)

    def version(self) -> tuple[int, int]:
        """Another one whenever somebody wrote to the library: for who keeps what was read."""
        return self._db.one("PRAGMA data_version")[0], self._db.connection.total_changes

    # ── Sliders, ratings and what was learned from them ──

    def sliders(self) -> list[Slider]:
        """Those in use, by position."""
        return sliders.in_use(self._db)

    def archived_sliders(self) -> list[Slider]:
        """Those put away, newest first."""
        return sliders.archived(self._db)

    def deleted_sliders(self) -> list[Slider]:
        """Those that can still be brought back, newest first."""
        return sliders.deleted(self._db)

    def create_slider(
        self, name: str, low_label: str, high_label: str, description: str = "", color: str = ""
    ) -> Slider:
        """Make a slider, after the others; an archived one of that name returns with its ratings.

        Raises `UserError` if the name is empty or in use, whatever its case.
        """
        return sliders.create(self._db, name, low_label, high_label, description, color)

    def rename_slider(
        self, slider_id: int, name: str, low_label: str, high_label: str,
        description: str | None = None,
    ) -> None:  # fmt: skip
        """Give a slider other words; raises `UserError` as `create_slider` does."""
        sliders.rename(self._db, slider_id, name, low_label, high_label, description)

    def archive_slider(self, slider_id: int) -> None:
        """Take a slider out of use; its ratings stay."""
        self._db.write(
            "UPDATE sliders SET archived_at = ? WHERE id = ? AND archived_at IS NULL",
            [_now(), slider_id],
        )

    def delete_slider(self, slider_id: int) -> None:
        """Take a slider out of sight; `bring_back_slider` undoes it, for thirty days."""
        self._db.write(
            "UPDATE sliders SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL",
            [_now(), slider_id],
        )

    def bring_back_slider(self, slider_id: int, archived: bool = False) -> None:
        """Use an archived or deleted slider again; `UserError` if its name was taken since.

        Where ``archived``, a deleted one comes back among those put away.
        """
        words.bring_back(self._db, slider_id, archived)

    def order_sliders(self, ids: Sequence[int]) -> None:
        """Those in use are in this order from now on."""
        words.order(self._db, ids)

    def words(self) -> list[Word]:
        """Every slider with its ratings' number: in use, put away, deleted, in this order."""
        return words.words(self._db)

    def merge_sliders(
        self, source: int, target: int, moved: Iterable[tuple[int, float | None]]
    ) -> None:
        """Rate ``moved`` (track, value) on ``target`` and archive ``source``, both or neither."""
        words.merge(self._db, source, target, moved)

    def part_sliders(
        self, source: int, target: int, taken_back: Iterable[tuple[int, float | None]]
    ) -> None:
        """The opposite: ``source`` in use again, and other values on ``target``, or neither.

        Raises `UserError` as `bring_back_slider` does.
        """
        words.part(self._db, source, target, taken_back)

    def split_slider(
        self, name: str, low_label: str, high_label: str,
        values: Iterable[tuple[int, float | None]],
    ) -> Slider:  # fmt: skip
        """Make a slider that begins with these ratings (track, value), all or nothing.

        Raises `UserError` if the name is empty, or borne by any that is not deleted.
        """
        return words.split(self._db, name, low_label, high_label, values)

    def forget_slider(self, slider_id: int) -> None:
        """Drop a slider, its ratings and what it learned, for good."""
        words.forget(self._db, slider_id)

    def forget_deleted_sliders(self) -> int:
        """For good those that were deleted more than thirty days ago; how many.

        And what came in from a file of ratings until it was broken off.
        """
        ratings.drop_broken_off(self._db)
        return words.forget_deleted(self._db)

    def rate(self, track_id: int, slider_id: int, value: float | None) -> Rating:
        """Add a judgement, 0 to 1, or None to take the last one back.

        Once this returns, the rating survives a power cut. Raises `ValueError` outside 0 to 1.
        """
        (rating,) = sliders.rate(self._db, slider_id, [(track_id, value)])
        return rating

    def rate_all(
        self, slider_id: int, values: Iterable[tuple[int, float | None]], at: int | None = None
    ) -> None:
        """Add many judgements (track, value) at once, all or none, made now or ``at`` UTC seconds.

        One block of the disk's time however many they are. What holds is what was made last.
        """
        sliders.rate(self._db, slider_id, values, at)

    def ratings(self, slider_id: int) -> list[Rating]:
        """What holds now, one rating a track, in the order rated."""
        rows = self._db.all(
            f"SELECT {_RATING} FROM current_ratings WHERE slider_id = ? ORDER BY rated_at, id",
            [slider_id],
        )
        return [Rating(*row) for row in rows]

    def rating_history(self, slider_id: int) -> list[Rating]:
        """Every judgement ever made, in the order made; value None took one back."""
        rows = self._db.all(
            f"SELECT {_RATING} FROM all_ratings WHERE slider_id = ? ORDER BY rated_at, id",
            [slider_id],
        )
        return [Rating(*row) for row in rows]

    def judgements(self, slider_id: int | None = None) -> list[Judgement]:
        """The history of one slider, or of all that are not deleted, the newest first."""
        return ratings.history(self._db, slider_id)

    def ratings_after(self, slider_id: int, rating_id: int) -> list[Rating]:
        """Judgements written after that one, in the order written."""
        rows = self._db.all(
            f"SELECT {_RATING} FROM all_ratings WHERE slider_id = ? AND id > ? ORDER BY id",
            [slider_id, rating_id],
        )
        return [Rating(*row) for row in rows]

    def newest_rating(self) -> int:
        """The id of the rating that was written last; 0: there is none."""
        return int(self._db.one("SELECT coalesce(max(id), 0) FROM ratings")[0])

    def named_sliders(self) -> list[NamedSlider]:
        """Those in use and those put away, as a file of ratings tells of them."""
        return ratings.named_sliders(self._db)

    def named_ratings(self) -> list[NamedRating]:
        """Every judgement on them, in the order made, with its track's names."""
        return ratings.named(self._db)

    def match_tracks(self, names: Sequence[TrackName], job: Job = NO_JOB) -> list[int | None]:
        """The track each name means: the same audio, else the same file, else the same song."""
        return ratings.match(self._db, names, job)

    def import_ratings(self, sliders: Sequence[NamedSlider]) -> IncomingRatings:
        """Begin to take in ratings on these sliders: `add`, then `finish` or `drop`."""
        return IncomingRatings(self._db, sliders)

    def current_rating(self, track_id: int, slider_id: int) -> float | None:
        return self.ratings_of_track(track_id).get(slider_id)

    def ratings_of_track(self, track_id: int) -> dict[int, float]:
        """Slider id → value, for sliders it is rated on, archived ones too."""
        return dict(
            self._db.all(
                "SELECT slider_id, value FROM current_ratings WHERE track_id = ?", [track_id]
            )
        )

    def save_head(
        self,
        slider_id: int,
        encoder_id: int,
        coef: NDArray[np.floating[Any]],
        intercept: float,
        alpha: float,
        state: dict[str, Any],
        ratings: int,
    ) -> None:
        """Replace what a slider learned: ``coef`` (d,), and ``state`` of whatever JSON holds."""
        sliders.save_head(self._db, slider_id, encoder_id, coef, intercept, alpha, state, ratings)

    def head(self, slider_id: int, encoder_id: int) -> HeadRow | None:
        """What a slider learned, or None before its first fit."""
        return sliders.head(self._db, slider_id, encoder_id)

    def save_shared(self, slider_id: int, file: str) -> None:
        """Keep the text of the file that a slider came with."""
        self._db.write("REPLACE INTO shared_sliders VALUES (?, ?, ?)", [slider_id, file, _now()])

    def shared(self, slider_id: int) -> str | None:
        """The text of the file that a slider came with; None if it was made here."""
        row = self._db.one("SELECT file FROM shared_sliders WHERE slider_id = ?", [slider_id])
        return None if row is None else str(row[0])

    def presets(self) -> list[Preset]:
        """Handles kept by name, by name."""
        return sliders.presets(self._db)

    def save_preset(self, name: str, handles: dict[str, Any]) -> None:
        """Keep handles by name, instead of those of that name."""
        sliders.save_preset(self._db, name, handles)

    def delete_preset(self, preset_id: int) -> None:
        self._db.write("DELETE FROM presets WHERE id = ?", [preset_id])

    def smart_lists(self) -> list[SmartList]:
        """Searches kept by name, the oldest first."""
        return sliders.smart_lists(self._db)

    def save_smart_list(self, name: str, rule: str, list_id: int | None = None) -> int:
        """Keep a search by name, or change the one of this id; its id.

        Raises `UserError` if the name is empty or borne by another.
        """
        return sliders.save_smart_list(self._db, name, rule, list_id)

    def delete_smart_list(self, list_id: int) -> None:
        self._db.write("DELETE FROM smart_lists WHERE id = ?", [list_id])

    # ── Playlists ──

    def playlists(self) -> list[Playlist]:
        """All there are, the oldest first."""
        return playlists.playlists(self._db)

    def playlist_tracks(self, list_id: int) -> list[int]:
        """Its tracks in their order; one may stand there several times."""
        return playlists.tracks(self._db, list_id)

    def create_playlist(self, name: str, ids: Iterable[int], list_id: int | None = None) -> int:
        """Make one of these tracks; its id. One that was deleted gets its ``list_id`` back.

        Raises `UserError` if the name is empty or borne by another.
        """
        return playlists.create(self._db, name, ids, list_id)

    def free_playlist_name(self, name: str) -> str:
        """``name``, or where that is taken “name 2”, “name 3”, …"""
        return playlists.free_name(self._db, name)

    def rename_playlist(self, list_id: int, name: str) -> None:
        """Raises `UserError` if the name is empty or borne by another."""
        playlists.rename(self._db, list_id, name)

    def delete_playlist(self, list_id: int) -> None:
        playlists.delete(self._db, list_id)

    def replace_playlist(self, list_id: int, ids: Sequence[int]) -> None:
        """From now on it holds these, in this order."""
        playlists.replace(self._db, list_id, ids)

    def add_to_playlist(self, list_id: int, ids: Sequence[int], at: int | None = None) -> int:
        """Put these before the place ``at``, 0 the first, or at the end; where they begin then."""
        return playlists.add(self._db, list_id, ids, at)

    def remove_from_playlist(self, list_id: int, places: Iterable[int]) -> None:
        """Take out what stands at these places, 0 the first."""
        playlists.remove(self._db, list_id, places)

    def move_in_playlist(self, list_id: int, places: Iterable[int], to: int) -> None:
        """Put what stands at ``places``, in its order, before what stands at ``to``."""
        playlists.move(self._db, list_id, places, to)

    def match_entries(
        self, entries: Sequence[PlaylistEntry], job: Job = NO_JOB
    ) -> list[tuple[int, ...]]:
        """The tracks that each entry of a playlist's file means; see `playlist_matching`."""
        return playlist_matching.match(self._db, entries, job)

    # ── Regions ──

    def regions(self) -> list[Region]:
        """All there are, the oldest first."""
        return regions.regions(self._db)

    def save_region(self, one: Region) -> int:
        """Keep a new one (id 0), or how one is from now on; its id.

        Raises `UserError` if the name is empty or borne by another, or if it has no inside.
        """
        return regions.save(self._db, one)

    def delete_region(self, number: int) -> None:
        regions.delete(self._db, number)

    # ── Constellations ──

    def constellations(self) -> list[Constellation]:
        """All there are, the oldest first."""
        return constellations.constellations(self._db)

    def create_constellation(self, one: Constellation) -> Constellation:
        """Keep a new one and return it with its id; one that was deleted gets its own back.

        Raises `UserError` if the name is empty or borne by another, or the stars are too many.
        """
        return constellations.create(self._db, one)

    def free_constellation_name(self, name: str) -> str:
        """``name``, or where that is taken “name 2”, “name 3”, …"""
        return constellations.free_name(self._db, name)

    def save_constellation(self, one: Constellation) -> None:
        """From now on the one of this id is like this; raises `UserError` as the above does."""
        constellations.save(self._db, one)

    def delete_constellation(self, number: int) -> None:
        constellations.delete(self._db, number)

    # ── Plays and settings ──

    def save_play(self, play: Play) -> None:
        """Add one playing to the history."""
        self._db.write(
            """
            INSERT INTO plays (track_id, started_at, seconds_played, outcome, origin)
            VALUES (?, ?, ?, ?, ?)
            """,
            [play.track_id, play.started_at, play.seconds_played, play.outcome, play.origin],
        )

    def recent_plays(self, n: int) -> list[Play]:
        """The last ``n``, newest first."""
        rows = self._db.all(
            """
            SELECT track_id, started_at, seconds_played, outcome, origin FROM plays
            ORDER BY id DESC LIMIT ?
            """,
            [n],
        )
        return [Play(*row) for row in rows]

    def all_plays(self) -> list[Play]:
        """Every playing, oldest first."""
        rows = self._db.all(
            """
            SELECT track_id, started_at, seconds_played, outcome, origin FROM plays
            ORDER BY started_at, id
            """
        )
        return [Play(*row) for row in rows]

    def finished_plays(self) -> int:
        """How many there were that came to the end."""
        return self._count("plays WHERE outcome = 'finished'")

    def forget_listening(self) -> None:
        """Drop what was played and when, what of it waits to be sent, and where playback stood.

        No byte of it stays in the library or in its copies beside it; see `forgetting`.
        """
        forgetting.forget_listening(self._db)

    def save_listen(self, listen: Listen) -> None:
        """Let a playing wait to be sent; its ``id`` is given here."""
        listens.add(self._db, listen)

    def waiting_listens(self, n: int) -> list[Listen]:
        """The ``n`` that wait longest to be sent."""
        return listens.waiting(self._db, n)

    def waiting_count(self) -> int:
        """How many wait to be sent."""
        return self._count("listens")

    def forget_listens(self, ids: Ids | None = None) -> None:
        """These were sent or never shall be; None: all of them."""
        listens.forget(self._db, ids)

    def settings(self) -> dict[str, str]:
        """JSON text by name, for `Settings.from_stored` and whoever keeps a choice here."""
        return dict(self._db.all("SELECT key, value FROM settings"))

    def set_setting(self, key: str, value: Any) -> None:
        """Keep anything JSON can hold under ``key``."""
        self._db.write("REPLACE INTO settings VALUES (?, ?)", [key, json.dumps(value)])


def _now() -> int:
    return int(time.time())
