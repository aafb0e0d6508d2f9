CREATE VIEW all_ratings AS
SELECT * FROM ratings WHERE import_id IS NULL
OR import_id IN (SELECT id FROM rating_imports WHERE finished_at NOT NULL);

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

CREATE VIEW current_ratings AS
SELECT * FROM all_ratings AS r
WHERE value IS NOT NULL AND id = (
    SELECT id FROM all_ratings WHERE track_id = r.track_id AND slider_id = r.slider_id
    ORDER BY rated_at DESC, id DESC LIMIT 1
);

CREATE TABLE embeddings (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    vector BLOB NOT NULL,
    segments INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT;

CREATE TABLE encoders (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    dim INTEGER NOT NULL,
    added_at INTEGER NOT NULL
, used INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE folders (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE listens (
            id INTEGER PRIMARY KEY,
            track_id INTEGER NOT NULL REFERENCES tracks(id),
            listened_at INTEGER NOT NULL,
            title TEXT NOT NULL,
            artist TEXT NOT NULL,
            album TEXT NOT NULL,
            duration_s REAL NOT NULL
        ) STRICT
    ;

CREATE TABLE loudness (
            track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
            lufs REAL,
            peak REAL NOT NULL,
            blocks BLOB NOT NULL
        ) STRICT
    ;

CREATE TABLE map_neighbours (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    mark INTEGER NOT NULL,
    near BLOB NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE map_points (
    encoder_id INTEGER NOT NULL REFERENCES encoders(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    x REAL NOT NULL,
    y REAL NOT NULL,
    PRIMARY KEY (encoder_id, track_id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE overviews (
    track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
    peaks BLOB NOT NULL
) STRICT;

CREATE TABLE playlist_tracks (
    playlist_id INTEGER NOT NULL REFERENCES playlists(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    PRIMARY KEY (playlist_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX playlist_tracks_track ON playlist_tracks(track_id);

CREATE TABLE playlists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

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

CREATE TABLE presets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    handles TEXT NOT NULL
) STRICT;

CREATE TABLE rating_imports (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    slider_id INTEGER NOT NULL REFERENCES sliders(id),
    value REAL CHECK(value BETWEEN 0 AND 1),
    rated_at INTEGER NOT NULL
, import_id INTEGER REFERENCES rating_imports(id)) STRICT;

CREATE INDEX ratings_import ON ratings(import_id) WHERE import_id NOT NULL;

CREATE INDEX ratings_slider ON ratings(slider_id);

CREATE INDEX ratings_track ON ratings(track_id, slider_id);

CREATE TABLE regions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    corners BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE shared_sliders (
    slider_id INTEGER PRIMARY KEY REFERENCES sliders(id),
    file TEXT NOT NULL,
    imported_at INTEGER NOT NULL
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

CREATE TABLE "sliders" (
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

CREATE UNIQUE INDEX sliders_name ON sliders(name COLLATE NOCASE) WHERE deleted_at IS NULL;

CREATE TABLE smart_lists (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    rule TEXT NOT NULL,
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

CREATE TABLE "tracks" (
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

CREATE INDEX tracks_album ON tracks(album);

CREATE INDEX tracks_audio ON tracks(audio_hash);

CREATE INDEX tracks_error ON tracks(id) WHERE error IS NOT NULL;

CREATE INDEX tracks_folder ON tracks(folder_id);

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

CREATE VIRTUAL TABLE tracks_search USING fts5(
    title, artist, album, genre,
    content = 'tracks', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

