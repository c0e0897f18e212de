"""R2, R14: the encodings in which spreadsheets of China, Hong Kong and Taiwan save tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reading.encodings import Encoding, decode

HEADER = "ref,shop,title,category,original_price,url\na-1,east-gate,"


def encodings(content: bytes) -> list[str]:
    return [reading.encoding.value for reading in decode(content).readings]


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        ("plain", "ascii", "utf-8"),
        ("竹编台灯", "utf-8", "utf-8"),
        ("竹编台灯", "utf-8-sig", "utf-8"),
        ("竹编台灯", "utf-16", "utf-16"),
        ("竹编台灯,一盏温暖的灯", "gb18030", "gb18030"),
        ("茶叶", "gb18030", "gb18030"),
        ("臺灣茶莊", "gb18030", "gb18030"),
        ("臺灣茶莊,高山烏龍茶", "gb18030", "gb18030"),
        ("鐵觀音,凍頂烏龍,普洱茶,武夷山大紅袍", "gb18030", "gb18030"),
        ("竹编台灯 € 5 — 好 · 😀", "gb18030", "gb18030"),
        ("服饰,鞋包", "gb18030", "gb18030"),
        ("臺灣茶莊", "big5", "big5"),
        ("茶葉", "big5", "big5"),
        ("食品", "big5", "big5"),
        ("服飾,鞋包", "big5", "big5"),
        ("臺灣茶莊,高山烏龍茶,清香型三百克裝", "big5", "big5"),
        ("香港嘅茶葉同埋餅乾", "big5hkscs", "big5"),
    ],
)
@pytest.mark.parametrize("header", ["", HEADER])
def test_one_reading_where_the_text_decides(text: str, codec: str, encoding: str, header: str) -> None:
    content = (header + text).encode(codec)
    assert encodings(content) == [encoding]
    assert decode(content).readings[0].text == header + text


@pytest.mark.parametrize(("text", "encoding"), [("€ — ·", Encoding.GB18030), ("莊莊", Encoding.BIG5)])
def test_two_readings_where_nothing_decides(text: str, encoding: Encoding) -> None:
    readings = decode((HEADER + text).encode(encoding.value)).readings
    samples = {reading.encoding: reading.sample for reading in readings}
    assert set(samples) == {Encoding.GB18030, Encoding.BIG5}
    assert [text in sample for sample in samples.values()].count(True) == 1 and text in samples[encoding]


@pytest.mark.parametrize("encoding", Encoding)
def test_a_named_encoding_decides(encoding: Encoding) -> None:
    (reading,) = decode("臺".encode(encoding), encoding).readings
    assert (reading.encoding, reading.text) == (encoding, "臺")


def test_a_named_encoding_that_does_not_fit_gives_no_reading() -> None:
    assert decode("臺灣".encode("big5"), Encoding.UTF_8).readings == ()


@pytest.mark.parametrize("marks", [1, 2, 3])
def test_byte_order_marks_are_no_text(marks: int) -> None:
    assert decode(b"\xef\xbb\xbf" * marks + b"ref").readings[0].text == "ref"


@pytest.mark.parametrize("damage", [b"\xff", b"\xe4\xb8", b"\x85"])
def test_damaged_utf8_is_nothing_else(damage: bytes) -> None:
    whole = "竹编台灯,一盏温暖的灯".encode()
    decoded = decode(whole[:13] + damage + whole[13:])
    assert decoded.readings == () and decoded.bad_at == 13


@pytest.mark.parametrize(
    ("text", "codec"), [("Café crème", "cp1252"), ("こんにちは、お茶", "shift_jis"), ("чай", "koi8-r")]
)
def test_other_encodings_are_not_taken_for_chinese(text: str, codec: str) -> None:
    assert decode(text.encode(codec)).readings == ()


@settings(deadline=None)  # the detector loads its models at the first call
@given(st.binary(max_size=60))
def test_no_bytes_raise(content: bytes) -> None:
    assert len(decode(content).readings) <= 2
