"""Playlists' files as others write them: what is found, what is refused, what is never touched."""

import os
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sliders_desktop import tasks
from sliders_desktop.errors import UserError
from sliders_desktop.library import playlist_reading
from sliders_desktop.library.records import FoundTrack
from sliders_desktop.library.store import Store

SONGS = (
    ("Coastal Static/Northern Rooms/01 Low Tide.flac", "Low Tide", "Coastal Static", 247.0),
    ("Coastal Static/Northern Rooms/02 Slow Harbour.flac", "Slow Harbour", "Coastal Static", 200.0),
    ("Björk/Début/01 Größe.flac", "Größe", "Björk", 180.0),
    ("Пикник/Дым/01 Иероглиф.mp3", "Иероглиф", "Пикник", 240.0),
    ("One/CD 1/01.mp3", "First", "One", 100.0),
    ("Two/CD 1/01.mp3", "Second", "Two", 120.0),
    ("100% live/a#b.mp3", "Hash - Dash", "Per Cent", 90.0),
)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return tmp_path / "music"


@pytest.fixture
def store(tmp_path: Path, music: Path) -> Iterator[Store]:
    """A library whose files are nowhere: whoever looked for one would find nothing."""
    with Store.open(tmp_path / "library.db") as store:
        found = [
            FoundTrack(str(music / path), 1, 1, f"{n}", length, title, artist, "Album")
            for n, (path, title, artist, length) in enumerate(SONGS)
        ]
        store.save_found(store.add_folder(music).id, found)
        yield store


def taken_in(store: Store, file: Path, data: bytes | str) -> tuple[list[int], str]:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    done = tasks.import_playlist(store, file)
    assert store.playlist_tracks(done.list_id) == list(done.added)
    return list(done.added), done.sentence


# ── how they are written ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_with_and_without_a_sign(store: Store, music: Path, encoding: str) -> None:
    text = "#EXTM3U\r\n#EXTINF:180,Björk - Größe\r\nBjörk\\Début\\01 Größe.flac\r\n"
    assert taken_in(store, music / "x.m3u", text.encode(encoding))[0] == [3]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_western_letters_of_one_byte(store: Store, music: Path, encoding: str) -> None:
    assert taken_in(store, music / "x.m3u", "Björk/Début/01 Größe.flac".encode(encoding))[0] == [3]


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r"])
def test_other_letters_are_known_by_the_library(store: Store, music: Path, encoding: str) -> None:
    assert taken_in(store, music / "x.m3u", "Пикник/Дым/01 Иероглиф.mp3".encode(encoding))[0] == [4]


def test_the_encoding_that_a_file_claims(store: Store, music: Path) -> None:
    text = "#EXTM3U\n#EXTENC: cp1251\nПикник/Дым/01 Иероглиф.mp3\n"
    assert taken_in(store, music / "x.m3u", text.encode("cp1251"))[0] == [4]
    for claimed in ("rot13", "zlib", "idna", "no such", "unicode_escape"):
        text = f"#EXTENC: {claimed}\nBjörk/Début/01 Größe.flac\n"
        assert taken_in(store, music / "y.m3u", text)[0] == [3]


def test_paths_from_the_files_place_or_the_top_or_as_addresses(store: Store, music: Path) -> None:
    low = music / "Coastal Static/Northern Rooms/01 Low Tide.flac"
    per_cent = music / "100% live/a#b.mp3"
    lines = [
        "../Coastal Static/./Northern Rooms/x/../01 Low Tide.flac",
        str(low),
        low.as_uri(),
        low.as_uri().replace("file://", "file://localhost"),
        low.as_uri().replace("file://", "FILE:"),
        "..\\Coastal Static\\Northern Rooms\\01 Low Tide.flac",
        "../Coastal%20Static/Northern%20Rooms/01%20Low%20Tide.flac",
        str(per_cent),
        per_cent.as_uri(),
    ]
    ids, said = taken_in(store, music / "lists" / "Kitchen.m3u8", "\n".join(lines))
    assert ids == [1] * 7 + [7] * 2
    assert said == "Kitchen: all 9 tracks found."


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes there")
def test_names_that_are_no_letters_at_all(store: Store, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/music/\xff\xfe\xe9.flac")
    store.save_found(store.folders()[0].id, [FoundTrack(path, 1, 1, "odd", 9.0)])
    line = os.fsencode(path)
    assert taken_in(store, tmp_path / "x.m3u", b"# a remark\n" + line)[0] == [8]


def test_xspf(store: Store, music: Path) -> None:
    low = music / "Coastal Static/Northern Rooms/01 Low Tide.flac"
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
    <playlist version="1" xmlns="http://xspf.org/ns/0/"><title>For &amp; by</title><trackList>
    <track><location>{low.as_uri()}</location></track>
    <track><location>Bj%C3%B6rk/D%C3%A9but/01%20Gr%C3%B6%C3%9Fe.flac</location></track>
    <track><creator>coastal static</creator><title>SLOW HARBOUR</title>
      <duration>201000</duration><extension application="x"><title>no</title></extension></track>
    <track><location>https://example.org/a.mp3</location><title>Far</title></track>
    </trackList></playlist>"""
    file = music / "x.xspf"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    done = tasks.import_playlist(store, file)
    assert (done.name, done.added, done.others) == ("For & by", (1, 3, 2), ("Far",))
    assert done.sentence == "For & by: 3 of 4 tracks found. 1 is not on this computer."


@pytest.mark.parametrize("suffix", ["m3u8", "xspf"])
@pytest.mark.parametrize("style", ["auto", "relative", "absolute"])
def test_what_is_written_comes_back(
    store: Store, tmp_path: Path, suffix: str, style: tasks.PathStyle
) -> None:
    ids = [7, 3, 1, 1, 6, 4, 2, 5]
    file = tmp_path / f"There & back.{suffix}"
    tasks.export_playlist(store, ids, str(file), style)
    done = tasks.import_playlist(store, file)
    assert (done.name, list(done.added)) == ("There & back", ids)
    absolute = "music/100% live" if suffix == "m3u8" else "music/100%25%20live/a%23b.mp3"
    assert absolute in file.read_text(encoding="utf-8")
    full = tmp_path.as_posix() in file.read_text(encoding="utf-8")
    assert full == (style == "absolute")


# ── which track is meant ──────────────────────────────────────────────────────────────────────


def test_the_same_end_of_a_path(store: Store, tmp_path: Path) -> None:
    tide = "Northern Rooms\\01 low TIDE.flac"
    lines = [
        f"D:\\Musik\\{tide}",
        f"\\\\server\\share\\{tide}",
        f"file:///E:/{tide}",
        "01 Low Tide.flac",
    ]
    ids, said = taken_in(store, tmp_path / "elsewhere" / "x.m3u", "\n".join(lines))
    assert ids == [1, 1, 1]  # a name alone is not enough
    assert said == "x: 3 of 4 tracks found."


def test_where_two_fit_alike_nothing_is_guessed(store: Store, tmp_path: Path) -> None:
    taken, _ = taken_in(store, tmp_path / "x.m3u", "D:/Two/CD 1/01.mp3\nD:/Three/CD 1/01.mp3\n")
    assert taken == [6]
    # The end would fit, but the length says that it is another song.
    text = "#EXTINF:300,Nobody - Nothing\nD:/Northern Rooms/01 Low Tide.flac\nTwo/CD 1/01.mp3"
    assert taken_in(store, tmp_path / "y.m3u", text)[0] == [6]


def test_letters_in_either_form(store: Store, music: Path) -> None:
    text = unicodedata.normalize("NFD", "Björk/Début/01 Größe.flac")
    assert taken_in(store, music / "x.m3u8", text)[0] == [3]


def test_artist_title_and_length(store: Store, tmp_path: Path) -> None:
    text = (
        "#EXTINF:202,coastal static - slow harbour\na.mp3\n"  # 2 s off
        "#EXTINF:210,Coastal Static - Slow Harbour\nb.mp3\n"  # another version
        "#EXTINF:-1,Per Cent - Hash - Dash\nc.mp3\n"
        "#EXTINF:x\nd.mp3\n"
        "#EXTART:Two\n#EXTINF:0,Second\ne.mp3\n"
    )
    ids, said = taken_in(store, tmp_path / "x.m3u8", text)
    assert ids == [2, 7, 6]
    assert said == "x: 3 of 5 tracks found."


def test_a_file_of_several_parts(store: Store, music: Path) -> None:
    whole = str(music / "whole.flac")
    parts = [
        FoundTrack(whole, 1, 1, f"p{n}", 60.0, f"Part {n}", "Long", part=n, start_s=60.0 * n)
        for n in (1, 2, 3)
    ]
    store.save_found(store.folders()[0].id, parts)
    assert taken_in(store, music / "x.m3u", "whole.flac")[0] == [8, 9, 10]
    one = "#EXTINF:60,Long - Part 2\nwhole.flac"
    assert taken_in(store, music / "y.m3u", one)[0] == [9]


def test_into_a_playlist_that_there_is(store: Store, music: Path) -> None:
    kitchen = store.create_playlist("Kitchen", [2])
    music.mkdir()
    (music / "x.m3u").write_text("Two/CD 1/01.mp3\n")
    done = tasks.import_playlist(store, music / "x.m3u", kitchen)
    assert (done.name, done.new, done.list_id) == ("Kitchen", False, kitchen)
    assert store.playlist_tracks(kitchen) == [2, 6]
    assert tasks.import_playlist(store, music / "x.m3u").name == "x"
    assert tasks.import_playlist(store, music / "x.m3u").name == "x 2"


# ── what is not believed ──────────────────────────────────────────────────────────────────────


LAUGHS = """<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<playlist><trackList><track><location>&b;</location></track></trackList></playlist>"""
OUTSIDE = """<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<playlist><trackList><track><title>&a;</title></track></trackList></playlist>"""


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("x.xspf", LAUGHS.encode(), "defines entities"),
        ("x.xspf", OUTSIDE.encode(), "defines entities"),
        ("x.m3u", OUTSIDE.replace("<!D", '<?xml version="1.0"?><!D').encode(), "defines entities"),
        ("x.xspf", b"<playlist>", "damaged"),
        ("x.xspf", b'<?xml version="1.0" encoding="klingon"?><playlist/>', "damaged"),
        ("x.xspf", b"<a>" * 50, "nested too deeply"),
        ("x.xspf", b"<playlist><title>" + b"a" * 20_000, "too long"),
        ("x.xspf", b"<playlist><trackList/></playlist>", "names no tracks"),
        ("x.m3u", b"", "names no tracks"),
        ("x.m3u", b"#EXTM3U\n\n#EXTINF:1,a - b\n", "names no tracks"),
        ("x.m3u", b"ID3\0\0\x03\xff\xfb", "no playlist"),
        ("x.m3u", b"a" * 20_000, "too long"),
        ("x.m3u", b"\n" * 400_001, "too many lines"),
        ("x.m3u", b"a\n" * 100_001, "more than 100,000"),
        ("x.m3u", b"a" * 20_000_001, "too large"),
        ("x.m3u", b"../../etc/passwd\n", "None of the tracks"),
    ],
)
def test_hostile_files_get_one_sentence(
    store: Store, tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=why) as caught:
        tasks.import_playlist(store, tmp_path / name)
    assert "\n" not in str(caught.value)
    assert store.playlists() == []


def test_what_can_not_be_read(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.m3u", tmp_path / "\0.m3u"):
        with pytest.raises(UserError, match=r"no playlist|can't be read"):
            tasks.import_playlist(store, path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.m3u")
        with pytest.raises(UserError, match="no playlist"):
            tasks.import_playlist(store, tmp_path / "pipe.m3u")


def test_nothing_but_the_file_itself_is_ever_touched(
    store: Store, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python tells of every file that it opens and of every connection that it makes."""
    file = music / "x.m3u"
    file.parent.mkdir()
    file.write_text(
        "/etc/passwd\n~/.ssh/id_rsa\n$HOME/x\nhttp://example.org/a.mp3\nsmb://server/a\n"
        "file://server/share/a.mp3\n//server/a.mp3\n|ls\n`ls`\nTwo/CD 1/01.mp3\n"
    )
    touched: list[str] = []
    watching = [True]

    def note(event: str, args: tuple[object, ...]) -> None:
        if watching and event.split(".")[0] in ("open", "os", "socket", "subprocess", "urllib"):
            touched.append(str(args[0] if args else event))

    sys.addaudithook(note)
    look = os.stat
    with monkeypatch.context() as patch:  # to look at a file tells nobody
        for name in ("stat", "lstat"):
            patch.setattr(os, name, lambda path, **way: (touched.append(str(path)), look(path))[1])
        done = tasks.import_playlist(store, file)
        watching.clear()
    assert set(touched) == {str(file)}
    assert done.added == (6,)
    assert done.elsewhere == 2


LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"#EXTINF:", b"#EXTINF:1e9,a - b", b"#EXTENC:utf-7", b"file://", b"file:///%00%ff",
             b"C:", b"C:\\", b"\\\\", b"..", b"/", b"//", b"://", b"a://", b"%", b"%f", b"~"]
        ),
    ),
    max_size=12,
)  # fmt: skip
XML = st.lists(
    st.sampled_from(
        ["<playlist>", "</playlist>", "<trackList>", "</trackList>", "<track>", "</track>",
         "<location>", "</location>", "<title>", "</title>", "<duration>", "99", "&amp;", "&#0;",
         "file:///%", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "]]>",
         "<![CDATA[", "<!DOCTYPE a>", "<?a?>", "<playlist xmlns='http://xspf.org/ns/0/'>"]
    ),
    max_size=20,
)  # fmt: skip
QUICK = settings(
    derandomize=True,
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(data=LINES.map(b"\n".join) | st.binary(max_size=200))
def test_any_bytes_are_a_playlist_or_a_sentence(store: Store, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.m3u").write_bytes(data)
    check(store, tmp_path / "x.m3u")


@QUICK
@given(data=XML.map(lambda parts: "".join(parts).encode()) | st.binary(max_size=200))
def test_any_xml_is_a_playlist_or_a_sentence(store: Store, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.xspf").write_bytes(data)
    check(store, tmp_path / "x.xspf")


def check(store: Store, file: Path) -> None:
    try:
        read = playlist_reading.read(file)
    except UserError:
        return
    assert read.name
    for entry in read.entries:
        entry.shown.encode()
        assert not any("\0" in place for place in entry.places)
    found = store.match_entries(read.entries)
    assert len(found) == len(read.entries)
