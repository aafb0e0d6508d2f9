"""The `.slider` file: what is written is read again, what is hostile is refused in a sentence."""

import base64
import copy
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sliders_desktop.errors import UserError
from sliders_desktop.library import shared_reading
from sliders_desktop.library.shared_reading import MOST_BYTES, read, read_file
from sliders_desktop.library.sharing import SharedSlider, clean, file_name, write

from .schema import fits

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "resources" / "slider.schema.json").read_text(encoding="utf-8")
)
quick = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def shared(n: int = 12, d: int = 16, scale: float = 1.0, **other: Any) -> SharedSlider:
    rng = np.random.default_rng(n)
    x = (rng.normal(size=(n, d)) * scale).astype(np.float32)
    r = rng.integers(0, 9, n) / 8
    fields: dict[str, Any] = {
        "name": "calm", "low": "restless", "high": "calm", "encoder_sha256": "ab" * 32,
        "encoder_name": "shipped", "vectors": x, "ratings": r,
        "weights": 0.02 + 0.98 * (2 * r - 1) ** 2, "coef": rng.normal(size=d).astype(np.float32),
        "intercept": 0.5, "alpha": 3.25, "pairs_right": 0.81, "auc": None,
    }  # fmt: skip
    return SharedSlider(**{**fields, **other})


def told(**other: Any) -> dict[str, Any]:
    """A good file as the object it holds."""
    full = shared(
        description="for the late hours", color="#AABB01", author="Ann", made="2026-11-28",
        tracks=tuple(f"A – {i}" for i in range(12)),
    )  # fmt: skip
    return {**json.loads(write(full)), **other}


def refusal(data: bytes) -> str:
    with pytest.raises(UserError) as caught:
        read(data)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200
    return sentence


# what is written is read


@pytest.mark.parametrize(("n", "d", "scale"), [(12, 16, 1.0), (2100, 512, 1.0), (12, 16, 900.0)])
def test_what_is_written_is_read_again(n: int, d: int, scale: float) -> None:
    made = shared(n, d, scale, description="…", color="#00ff00", author="Ann", made="2026-11-28")

    found = read(write(made).encode())

    for name, value in vars(made).items():
        if not isinstance(value, np.ndarray):
            assert getattr(found, name) == value, name
    np.testing.assert_array_equal(found.ratings, made.ratings)
    np.testing.assert_allclose(found.weights, made.weights, atol=1e-6)
    np.testing.assert_array_equal(found.coef, made.coef)
    lengths = np.linalg.norm(made.vectors, axis=1)
    apart = np.linalg.norm(found.vectors - made.vectors, axis=1) / lengths
    assert apart.max() < (0.0005 if n == 12 else 0.012)  # half precision, or a byte each


def test_a_second_writing_changes_nothing() -> None:
    for made in (shared(), shared(2100, 512)):
        once = read(write(made).encode())
        np.testing.assert_array_equal(read(write(once).encode()).vectors, once.vectors)


def test_vectors_beyond_half_precision_are_kept() -> None:
    made = shared(scale=1.0)
    wild = made.vectors.copy()
    wild[0, 0] = 65_000
    found = read(write(replace(made, vectors=wild)).encode())
    assert found.vectors[0, 0] == pytest.approx(65_000, rel=0.001)


def test_nothing_else_is_in_a_file() -> None:
    """No path, time, title or play can slip in: these are all the keys there are."""
    plain = json.loads(write(shared()))
    assert set(plain) == {
        "format", "name", "low", "high", "encoder", "ratings", "weights", "vectors", "head",
        "leave_one_out",
    }  # fmt: skip
    assert set(told()) - set(plain) == {"description", "color", "author", "made", "tracks"}


def test_too_little_or_too_much_is_not_shared() -> None:
    with pytest.raises(UserError, match="at least 6"):
        write(shared(5))
    with pytest.raises(UserError, match="too large"):
        write(shared(6, 4097))


# texts


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  calm \n night\t", "calm night"),
        ("<script>alert(1)</script>", "‹script›alert(1)‹/script›"),
        ("<img src='file:///x'>", "‹img src='file:///x'›"),
        ("calm\u202eevil\u2066", "calmevil"),
        ("ca\x00lm\x1b[31m", "ca lm [31m"),
        ("cal\u00adm\u200b", "calm"),
        ("a\u2028b\ud800", "a b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_texts_are_one_plain_line(name: str, shown: str) -> None:
    assert clean(name) == shown
    data = json.dumps(told(name=name, author=name)).encode()  # as escapes, so that all is JSON
    assert (read(data).name, read(data).author) == (shown, shown)


def test_a_name_of_which_nothing_is_left_is_refused() -> None:
    assert "name is empty" in refusal(json.dumps(told(name="\u200b\u202e \x07")).encode())


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("calm", "calm.slider"),
        ("../../etc/passwd", "etc passwd.slider"),
        ("C:\\x|y*?", "C x y.slider"),
        ("...", "slider.slider"),
        ("con", "slider con.slider"),
        ("rainy night", "rainy night.slider"),
        ("x" * 200, "x" * 80 + ".slider"),
    ],
)
def test_a_file_name_stays_in_its_folder(name: str, file: str) -> None:
    assert file_name(name) == file


# hostile files


def number(digits: str) -> bytes:
    """A good file whose intercept is written so."""
    return json.dumps(told()).replace('"intercept": 0.5', f'"intercept": {digits}').encode()


def with_array(key: str, numbers: Any, kind: str) -> bytes:
    text = base64.b64encode(np.asarray(numbers, kind).tobytes()).decode()
    file = told()
    if key == "coef":
        file["head"]["coef"] = text
    elif kind == "<f2":
        file["vectors"] = {"type": "float16", "data": text}
    else:
        file["vectors"] = {
            "type": "int8", "scale": text, "data": base64.b64encode(bytes(12 * 16)).decode(),
        }  # fmt: skip
    return json.dumps(file).encode()


HOSTILE = {
    "nothing": (b"", "not JSON|too many|format"),
    "zeros": (bytes(MOST_BYTES), "not JSON"),
    "too large": (bytes(MOST_BYTES + 1), "too large"),
    "not an object": (b"[]", "format"),
    "a number": (b"12", "format"),
    "another format": (json.dumps(told(format="playlist/1")).encode(), "another format"),
    "a newer format": (json.dumps(told(format="sliders-slider/2")).encode(), "newer version"),
    "not UTF-8": (json.dumps(told()).encode("utf-16"), "not UTF-8|not JSON"),
    "half a letter": (json.dumps(told()).encode().replace(b"calm", b"ca\xfflm"), "not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(told()).encode(), "not JSON"),
    "cut short": (json.dumps(told()).encode()[:-200], "not JSON"),
    "two files": (json.dumps(told()).encode() * 2, "not JSON"),
    "NaN": (number("NaN"), "no number"),
    "infinity": (number("-Infinity"), "no number"),
    "an overflow": (number("1e999"), "too large"),
    "a long number": (number("1" + "0" * 1_000_000), "too long"),
    "a long fraction": (number("0." + "1" * 1_000_000 + "e400"), "too large|no number"),
    "deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too many parts"),
    "deeper": (b"[" * MOST_BYTES, "too many parts"),
    "deep in its place": (number("[" * 20 + "]" * 20), "no number"),
    "wide": (b"[" + b"[]," * 1_000_000 + b"[]]", "too many parts"),
    "many keys": (b"{" + b",".join(b'"%d":1' % i for i in range(9000)) + b"}", "too many parts"),
    "many numbers": (number("1" + ",1" * 1_000_000), "too many parts"),
    "quotes": (b'"' * MOST_BYTES, "too many parts"),
    "backslashes": (b'"' + b'\\"' * (MOST_BYTES // 2 - 1), "too many parts"),
    "one long text": (b'{"format": "' + b"x" * 7_000_000 + b'"}', "another format"),
    "a key twice": (json.dumps(told()).replace("{", '{"name": "x", ', 1).encode(), "twice"),
    "an unknown key": (json.dumps(told(path="/home/ann/x.flac")).encode(), "unknown"),
    "a rating above 1": (json.dumps(told(ratings=[1.5] * 12)).encode(), "0 to 1"),
    "a rating that is true": (json.dumps(told(ratings=[True] * 12)).encode(), "0 to 1"),
    "a rating that is a text": (json.dumps(told(ratings=["1"] * 12)).encode(), "0 to 1"),
    "no ratings": (json.dumps(told(ratings=[])).encode(), "ratings"),
    "fewer weights": (json.dumps(told(weights=[1.0] * 11)).encode(), "weights"),
    "fewer tracks": (json.dumps(told(tracks=["x"] * 11)).encode(), "tracks"),
    "more ratings than vectors": (
        json.dumps(told(ratings=[1.0] * 13, weights=[1.0] * 13, tracks=["x"] * 13)).encode(),
        "another size",
    ),
    "a huge array": (
        json.dumps(told(encoder={"sha256": "ab" * 32, "name": "", "dim": 4096})).encode(),
        "another size",
    ),
    "no dimensions": (
        json.dumps(told(encoder={"sha256": "ab" * 32, "name": "", "dim": 0})).encode(), "dim",
    ),
    "a hash that is a path": (
        json.dumps(told(encoder={"sha256": "../../x", "name": "", "dim": 16})).encode(), "hash",
    ),
    "NaN in a vector": (with_array("x", np.full((12, 16), np.nan), "<f2"), "no number"),
    "infinity in a vector": (with_array("x", np.full((12, 16), np.inf), "<f2"), "no number"),
    "infinity in a scale": (with_array("x", np.full(12, np.inf), "<f4"), "no number"),
    "a scale that overflows": (with_array("x", np.full(12, 3e38), "<f4"), "no number"),
    "NaN in the head": (with_array("coef", np.full(16, np.nan), "<f4"), "no number"),
    "no base64": (
        json.dumps(told(head={"coef": "ä" * 88, "intercept": 0, "alpha": 1})).encode(), "base64",
    ),
    "an unknown type": (
        json.dumps(told(vectors={"type": "float64", "data": ""})).encode(), "no known type",
    ),
    "a colour that is a style": (json.dumps(told(color="red; x: url(y)")).encode(), "color"),
    "a date that is none": (json.dumps(told(made="yesterday")).encode(), "date"),
    "a long name": (json.dumps(told(name="x" * 81)).encode(), "too long"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(case: str) -> None:
    data, why = HOSTILE[case]
    with pytest.raises(UserError, match=why):
        read(data)
    refusal(data)


def test_what_is_counted_out_is_never_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deep or wide files are refused before a parser sees them: memory and stack stay bounded."""
    monkeypatch.setattr(shared_reading.json, "loads", lambda *_, **__: pytest.fail("was parsed"))
    for case in ("deep", "deeper", "wide", "many keys", "many numbers", "quotes", "backslashes"):
        refusal(HOSTILE[case][0])


def test_of_an_endless_file_only_the_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "zeros.slider"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    data = read_file(path)
    assert len(data) == MOST_BYTES + 1
    assert "too large" in refusal(data)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and /dev are not files there")
def test_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.slider")
    (tmp_path / "zero.slider").symlink_to("/dev/zero")
    for name in ("pipe.slider", "zero.slider"):
        with pytest.raises(UserError, match="is no file"):
            read_file(tmp_path / name)


def test_what_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.slider", tmp_path, Path("a\0b")):
        with pytest.raises(UserError):
            read_file(path)


# the schema says the same


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a file; of long arrays the first two items stand for all."""
    yield at
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = list(enumerate(value))[:2]
    for key, inner in items:
        yield from places(inner, (*at, key))


def changed(file: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    file = copy.deepcopy(file)
    inside = file
    for key in at[:-1]:
        inside = inside[key]
    inside[at[-1]] = value
    return file


OTHERS = (
    None, True, False, 0, 1, -1, 0.5, 2, 16, 16.5, 1e10, 1e300, "", "x", "x" * 81, "x" * 301,
    "x" * 1001, "#12345G", "ab" * 32, "AB" * 32, [], [1], [0.5] * 12, ["x"] * 12, [None] * 12, {},
    {"type": "float16"}, {"a": 1},
)  # fmt: skip
BEYOND_SCHEMA = ("another size", "not as many", "not name as many", "base64", "name is empty")


def answer(data: bytes) -> str:
    """The sentence of refusal, "" if there was none."""
    try:
        read(data)
    except UserError as error:
        return str(error)
    return ""


def agree(file: Any) -> None:
    """Reader and schema say the same, but for what the schema can't express."""
    said = answer(json.dumps(file).encode())
    if not any(part in said for part in BEYOND_SCHEMA):
        assert fits(file, SCHEMA, SCHEMA) == (not said), (said, str(file)[:300])


def test_reader_and_schema_agree_on_every_single_change() -> None:
    good = told()
    assert fits(good, SCHEMA, SCHEMA)
    for at in places(good):
        for value in OTHERS:
            agree(changed(good, at, value))
        if at and isinstance(at[-1], str):
            without = copy.deepcopy(good)
            inside = without
            for key in at[:-1]:
                inside = inside[key]
            del inside[at[-1]]
            agree(without)
            agree(changed(good, (*at[:-1], "other"), 1))


# fuzzed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
GOOD = told()
PLACES = list(places(GOOD))


def read_or_refuse(data: bytes) -> None:
    said = answer(data)
    assert "\n" not in said
    if said:
        return
    found = read(data)
    n, d = found.vectors.shape
    assert found.ratings.shape == found.weights.shape == (n,)
    assert found.coef.shape == (d,)
    for numbers in (found.vectors, found.ratings, found.weights, found.coef):
        assert np.isfinite(numbers).all()
    assert ((found.ratings >= 0) & (found.ratings <= 1)).all()
    for text in (found.name, found.low, found.high, found.author, found.description, *found.tracks):
        assert text == clean(text)
    assert found.name


@quick
@given(st.binary(max_size=400))
def test_any_bytes_are_a_slider_or_a_sentence(data: bytes) -> None:
    read_or_refuse(data)


@quick
@given(st.sampled_from(PLACES), JSON)
def test_any_value_in_any_place(at: tuple[Any, ...], value: Any) -> None:
    read_or_refuse(json.dumps(changed(GOOD, at, value)).encode("utf-8", "surrogatepass"))


@quick
@given(st.data())
def test_any_bytes_over_a_good_file(data: st.DataObject) -> None:
    good = json.dumps(GOOD).encode()
    at = data.draw(st.integers(0, len(good)))
    cut = data.draw(st.integers(0, 60))
    between = data.draw(
        st.binary(max_size=60) | st.sampled_from([b"[", b"{", b'"', b"1e999", b","])
    )
    read_or_refuse(good[:at] + between + good[at + cut :])


@quick
@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert file_name(text) == Path(file_name(text)).name
