"""The schema's history, one function a step; a released step is never edited.

A change is a new step at the end, its test `test_m00x_…`, and the new literal schema.
"""

import sqlite_utils

MIGRATIONS = sqlite_utils.Migrations("sliders_desktop")

# Times are UTC seconds, durations end in _s, vectors are little-endian.
_M001 = """
-- ── Precious: made by a person, or history ──

CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;

-- A track is a piece of audio, not a place: path is NULL when other audio took its place,
-- folder_id when the listener removed its folder. Rows are never deleted.
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER REFERENCES folders(id) ON DELETE SET NULL,
    path TEXT UNIQUE,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    audio_hash TEXT,
    duration_s REAL NOT NULL,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    album_artist TEXT NOT NULL,
    track_no INTEGER NOT NULL,
    disc_no INTEGER NOT NULL,
    year INTEGER NOT NULL,
    genre TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    missing_since INTEGER,
    error TEXT
) STRICT;
CREATE INDEX tracks_folder ON tracks(folder_id);
CREATE INDEX tracks_audio ON tracks(audio_hash);
CREATE INDEX tracks_error ON tracks(id) WHERE error IS NOT NULL;

CREATE TABLE sliders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    low_label TEXT NOT NULL,
    high_label TEXT NOT NULL,
    color TEXT,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER
) STRICT;

-- Append-only: undo is a new row, and a NULL value takes the rating back.
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    slider_id INTEGER NOT NULL REFERENCES sliders(id),
    value REAL CHECK(value BETWEEN 0 AND 1),
    rated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ratings_track ON ratings(track_id, slider_id);
CREATE INDEX ratings_slider ON ratings(slider_id);

CREATE VIEW current_ratings AS
SELECT * FROM ratings AS r
WHERE value IS NOT NULL AND id = (
    SELECT max(id) FROM ratings WHERE track_id = r.track_id AND slider_id = r.slider_id
);

CREATE TABLE plays (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    started_at INTEGER NOT NULL,
    seconds_played REAL NOT NULL,
    outcome TEXT NOT NULL CHECK(outcome IN ('finished', 'skipped', 'stopped')),
    origin TEXT NOT NULL CHECK(origin IN ('user', 'playlist', 'recommended')),
    context TEXT
) STRICT;
CREATE INDEX plays_track ON plays(track_id, started_at);

CREATE TABLE playlists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE playlist_tracks (
    playlist_id INTEGER NOT NULL REFERENCES playlists(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    PRIMARY KEY (playlist_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- ── Derived: can be computed again ──

CREATE TABLE encoders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- Not WITHOUT ROWID: rows of 2 kB spill into overflow pages there.
CREATE TABLE embeddings (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    vector BLOB NOT NULL,
    segments INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT;

CREATE TABLE overviews (
    track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
    peaks BLOB NOT NULL
) STRICT;

CREATE TABLE slider_heads (
    slider_id INTEGER NOT NULL REFERENCES sliders(id),
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    coef BLOB NOT NULL,
    intercept REAL NOT NULL,
    alpha REAL NOT NULL,
    state TEXT NOT NULL,
    ratings INTEGER NOT NULL,
    fitted_at INTEGER NOT NULL,
    PRIMARY KEY (slider_id, encoder_id)
) STRICT;

CREATE TABLE map_points (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    x REAL NOT NULL,
    y REAL NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT, WITHOUT ROWID;

-- ── Search: an index over the tracks' own columns, kept in step by triggers ──

CREATE VIRTUAL TABLE tracks_search USING fts5(
    title, artist, album, genre,
    content = 'tracks', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE TRIGGER tracks_search_added AFTER INSERT ON tracks BEGIN
    INSERT INTO tracks_search(rowid, title, artist, album, genre)
    VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;

CREATE TRIGGER tracks_search_changed AFTER UPDATE OF title, artist, album, genre ON tracks
WHEN (old.title, old.artist, old.album, old.genre)
    IS NOT (new.title, new.artist, new.album, new.genre)
BEGIN
    INSERT INTO tracks_search(tracks_search, rowid, title, artist, album, genre)
    VALUES ('delete', old.id, old.title, old.artist, old.album, old.genre);
    INSERT INTO tracks_search(rowid, title, artist, album, genre)
    VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;
"""


@MIGRATIONS()
def m001_initial(db: sqlite_utils.Database) -> None:
    """The first schema."""
    db.executescript(_M001)


@MIGRATIONS()
def m002_wanted_encoder(db: sqlite_utils.Database) -> None:
    """Which encoder was put to use last: going back to an earlier one is no new encoder."""
    db.execute("ALTER TABLE encoders ADD COLUMN used INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE encoders SET used = id")


@MIGRATIONS()
def m003_listens(db: sqlite_utils.Database) -> None:
    """What was heard and waits to be sent, while the listener agrees to send."""
    db.execute("""
        CREATE TABLE listens (
            id INTEGER PRIMARY KEY,
            track_id INTEGER NOT NULL REFERENCES tracks(id),
            listened_at INTEGER NOT NULL,
            title TEXT NOT NULL,
            artist TEXT NOT NULL,
            album TEXT NOT NULL,
            duration_s REAL NOT NULL
        ) STRICT
    """)


@MIGRATIONS()
def m004_loudness(db: sqlite_utils.Database) -> None:
    """What tags say of loudness, and what was measured; so all files are read once more."""
    for column in ("track_gain_db", "track_peak", "album_gain_db", "album_peak"):
        db.execute(f"ALTER TABLE tracks ADD COLUMN {column} REAL")
    db.execute("UPDATE tracks SET mtime_ns = -1 WHERE path NOT NULL AND error IS NULL")
    db.execute("CREATE INDEX tracks_album ON tracks(album)")
    # lufs NULL: silent. blocks: how loud its moments are, so that albums can be summed up.
    db.execute("""
        CREATE TABLE loudness (
            track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
            lufs REAL,
            peak REAL NOT NULL,
            blocks BLOB NOT NULL
        ) STRICT
    """)


# Other than in the first schema: a path is that of a file or of several parts of one. A track that
# is a part lasts from start_s to end_s (NULL: the end of the file). sheet: the size and time of the
# cue sheets beside the file, in one number; 0: none.
_M005 = """
CREATE TABLE tracks_new (
    id INTEGER PRIMARY KEY,
    folder_id INTEGER REFERENCES folders(id) ON DELETE SET NULL,
    path TEXT,
    part INTEGER NOT NULL DEFAULT 0,
    start_s REAL NOT NULL DEFAULT 0,
    end_s REAL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    sheet INTEGER NOT NULL DEFAULT 0,
    audio_hash TEXT,
    duration_s REAL NOT NULL,
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    album_artist TEXT NOT NULL,
    track_no INTEGER NOT NULL,
    disc_no INTEGER NOT NULL,
    year INTEGER NOT NULL,
    genre TEXT NOT NULL,
    track_gain_db REAL,
    track_peak REAL,
    album_gain_db REAL,
    album_peak REAL,
    added_at INTEGER NOT NULL,
    missing_since INTEGER,
    error TEXT,
    UNIQUE (path, part)
) STRICT;

INSERT INTO tracks_new (
    id, folder_id, path, size, mtime_ns, audio_hash, duration_s, title, artist, album,
    album_artist, track_no, disc_no, year, genre, track_gain_db, track_peak, album_gain_db,
    album_peak, added_at, missing_since, error
) SELECT
    id, folder_id, path, size, mtime_ns, audio_hash, duration_s, title, artist, album,
    album_artist, track_no, disc_no, year, genre, track_gain_db, track_peak, album_gain_db,
    album_peak, added_at, missing_since, error
FROM tracks;

DROP TABLE tracks;
ALTER TABLE tracks_new RENAME TO tracks;

CREATE INDEX tracks_folder ON tracks(folder_id);
CREATE INDEX tracks_audio ON tracks(audio_hash);
CREATE INDEX tracks_error ON tracks(id) WHERE error IS NOT NULL;
CREATE INDEX tracks_album ON tracks(album);

CREATE TRIGGER tracks_search_added AFTER INSERT ON tracks BEGIN
    INSERT INTO tracks_search(rowid, title, artist, album, genre)
    VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;

CREATE TRIGGER tracks_search_changed AFTER UPDATE OF title, artist, album, genre ON tracks
WHEN (old.title, old.artist, old.album, old.genre)
    IS NOT (new.title, new.artist, new.album, new.genre)
BEGIN
    INSERT INTO tracks_search(tracks_search, rowid, title, artist, album, genre)
    VALUES ('delete', old.id, old.title, old.artist, old.album, old.genre);
    INSERT INTO tracks_search(rowid, title, artist, album, genre)
    VALUES (new.id, new.title, new.artist, new.album, new.genre);
END;
"""


@MIGRATIONS()
def m005_parts(db: sqlite_utils.Database) -> None:
    """A track may be a part of a file: what a cue sheet names. Files are read again for it.

    SQLite lets no constraint go, so the table is built anew, in the steps that its documentation
    gives (lang_altertable, "Making Other Kinds Of Table Schema Changes"); foreign keys are off.
    """
    db.executescript(_M005)
    db.execute("UPDATE tracks SET mtime_ns = -1 WHERE path NOT NULL AND error IS NULL")


# Other than in the first schema: a name may be used again once its slider was deleted. A deleted
# slider is kept for a while, so that it can be undone; an id is never used again, since presets and
# handles know sliders by it. What holds of several ratings is the one made last, not the one that
# was written last: ratings may come from a file. Such a file is written in short blocks, and holds
# as a whole once the last of them is in; until then its new sliders bear deleted_at 0.
# What a shared slider came with is its file.
_M006 = """
CREATE TABLE sliders_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    low_label TEXT NOT NULL,
    high_label TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    color TEXT,
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    deleted_at INTEGER
) STRICT;

INSERT INTO sliders_new (
    id, name, low_label, high_label, color, position, created_at, archived_at
) SELECT id, name, low_label, high_label, color, position, created_at, archived_at FROM sliders;

DROP TABLE sliders;
ALTER TABLE sliders_new RENAME TO sliders;
CREATE UNIQUE INDEX sliders_name ON sliders(name COLLATE NOCASE) WHERE deleted_at IS NULL;

CREATE TABLE rating_imports (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
ALTER TABLE ratings ADD COLUMN import_id INTEGER REFERENCES rating_imports(id);
CREATE INDEX ratings_import ON ratings(import_id) WHERE import_id NOT NULL;

DROP VIEW current_ratings;
CREATE VIEW all_ratings AS
SELECT * FROM ratings WHERE import_id IS NULL
OR import_id IN (SELECT id FROM rating_imports WHERE finished_at NOT NULL);
CREATE VIEW current_ratings AS
SELECT * FROM all_ratings AS r
WHERE value IS NOT NULL AND id = (
    SELECT id FROM all_ratings WHERE track_id = r.track_id AND slider_id = r.slider_id
    ORDER BY rated_at DESC, id DESC LIMIT 1
);

CREATE TABLE shared_sliders (
    slider_id INTEGER PRIMARY KEY REFERENCES sliders(id),
    file TEXT NOT NULL,
    imported_at INTEGER NOT NULL
) STRICT;

CREATE TABLE presets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    handles TEXT NOT NULL
) STRICT;

CREATE TABLE smart_lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    rule TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
"""


@MIGRATIONS()
def m006_words(db: sqlite_utils.Database) -> None:
    """Sliders can be deleted, shared and described; handles and searches can be kept by name."""
    db.executescript(_M006)


# A star is of one track; what stands in a list of any kind is found by its track, too.
_M007 = """
CREATE TABLE constellations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK(mode IN ('together', 'wander')),
    near_far REAL NOT NULL,
    forgotten REAL NOT NULL,
    artist_gap INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE stars (
    constellation_id INTEGER NOT NULL REFERENCES constellations(id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    weight REAL NOT NULL CHECK(weight BETWEEN -2 AND 2 AND weight <> 0),
    PRIMARY KEY (constellation_id, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stars_track ON stars(track_id);
CREATE INDEX playlist_tracks_track ON playlist_tracks(track_id);
"""


@MIGRATIONS()
def m007_constellations(db: sqlite_utils.Database) -> None:
    """Tracks can be collected as stars, each for or against."""
    db.executescript(_M007)


# How each encoder's map came about. tracks: of how many it was drawn; anew: of how many when it was
# last drawn from the ground up. lent: its places are those of the encoder before, until a map of
# its own is wanted; declined: none is. half: it is being written. earlier: the places before the
# last drawing, 16 bytes a track; centre: from where `map_neighbours` were seen.
_M008 = """
CREATE TABLE maps (
    encoder_id INTEGER PRIMARY KEY REFERENCES encoders(id),
    tracks INTEGER NOT NULL DEFAULT 0,
    anew INTEGER NOT NULL DEFAULT 0,
    lent INTEGER NOT NULL DEFAULT 0,
    declined INTEGER NOT NULL DEFAULT 0,
    half INTEGER NOT NULL DEFAULT 0,
    earlier BLOB,
    centre BLOB
) STRICT;

INSERT INTO maps (encoder_id, tracks, anew)
SELECT encoder_id, count(*), count(*) FROM map_points GROUP BY encoder_id;

CREATE TABLE map_neighbours (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    mark INTEGER NOT NULL,
    near BLOB NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT, WITHOUT ROWID;
"""


@MIGRATIONS()
def m008_maps(db: sqlite_utils.Database) -> None:
    """A drawing of the map can be taken back, and who is near whom is kept between two."""
    db.executescript(_M008)


# corners: of the polygon on the map, pairs of little-endian float32.
_M009 = """
CREATE TABLE regions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    corners BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
"""


@MIGRATIONS()
def m009_regions(db: sqlite_utils.Database) -> None:
    """A region of the map can be kept by name."""
    db.executescript(_M009)


def step_names(migrations: sqlite_utils.Migrations = MIGRATIONS) -> set[str]:
    """Every step this version of the program knows."""
    with sqlite_utils.Database(memory=True) as nothing:
        return {step.name for step in migrations.pending(nothing)}
