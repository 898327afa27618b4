"""winmail.dat: what Outlook wraps comes out as what it is."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import Letter, parse, rtf
from letters.tnef import LEVEL_LIMIT, read_properties, unwrap
from tests.letters import tnef_writer as write
from tests.letters.soundness import sound

BODY, RTF, HTML, SUBJECT, CODEPAGE = 0x1000, 0x1009, 0x1013, 0x0037, 0x3FDE
LONG_NAME, MIME, CONTENT_ID = 0x3707, 0x370E, 0x3712


def mail(container: bytes, words: str = "") -> Letter:
    return parse(
        b"From: ann@x.example\r\nMessage-ID: <1@x.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\n" + words.encode() + b"\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(container) + b"--b--\r\n"
    )


def test_files_come_out_under_their_long_names_and_types() -> None:
    letter = mail(
        write.container(
            write.codepage(1252),
            write.attachment(b"REPORT~1.PDF", b"%PDF", write.text(LONG_NAME, "Übersicht März.pdf")),
            write.attachment(
                b"IMAGE.PNG", b"png", write.text(MIME, "image/png"), (write.STRING, CONTENT_ID, b"<pic@x.example>\0")
            ),
            write.attachment("Größe.txt".encode("cp1252"), b"short name only"),
        ),
        words="See the files.",
    )
    assert letter.text == "See the files."
    assert [(a.filename, a.content_type, a.content, a.content_id) for a in letter.attachments] == [
        ("Übersicht März.pdf", "application/pdf", b"%PDF", None),
        ("IMAGE.PNG", "image/png", b"png", "pic@x.example"),
        ("Größe.txt", "text/plain", b"short name only", None),
    ]
    assert any("winmail.dat opened" in defect for defect in letter.defects)


@pytest.mark.parametrize(
    ("attributes", "text", "html"),
    [
        ([write.plain_body(b"Plain words")], "Plain words", None),
        ([write.message_properties(write.text(BODY, "Grüße"))], "Grüße", None),
        ([write.message_properties((write.BINARY, HTML, b"<p>Caf\xe9</p>"))], "Café", "<p>Café</p>"),
        (
            [
                write.message_properties(
                    (write.LONG, CODEPAGE, struct.pack("<I", 1250)), (write.BINARY, HTML, b"<p>lep\x9a\xed</p>")
                )
            ],
            "lepší",
            "<p>lepší</p>",
        ),
        (
            [write.message_properties((write.BINARY, RTF, write.rtf_literals(rb"{\rtf1\ansi Hello\par W\'f6rld}")))],
            "Hello\nWörld",
            None,
        ),
        ([write.message_properties((write.BINARY, RTF, write.rtf_stored(rb"{\rtf1\ansi Stored}")))], "Stored", None),
    ],
    ids=["attBody", "PR_BODY", "PR_BODY_HTML", "code page", "compressed RTF", "stored RTF"],
)
def test_words_of_the_container_are_the_mails_where_it_has_no_others(
    attributes: list[bytes], text: str, html: str | None
) -> None:
    letter = mail(write.container(*attributes))
    assert (letter.text.strip(), letter.html, letter.attachments) == (text, html, ())
    assert mail(write.container(*attributes), words="Own words").text == "Own words"


def test_mail_inside_comes_out_with_its_words_and_files() -> None:
    inner = write.container(
        write.message_properties(write.text(SUBJECT, "Re: the lamp"), write.text(BODY, "It works again.")),
        write.attachment(b"lamp.jpg", b"jpg"),
    )
    letter = mail(write.container(write.attachment(b"MAIL", b"", write.embedded(inner))), words="Forwarded.")
    assert [(a.filename, a.content) for a in letter.attachments] == [
        ("Re the lamp.txt", b"It works again."),
        ("lamp.jpg", b"jpg"),
    ]


def test_properties_with_names_and_several_values_are_stepped_over() -> None:
    several = struct.pack("<HHI", 0x101F, 0x0040, 2) + 2 * (struct.pack("<I", 4) + "ab".encode("utf-16-le"))
    numbers = struct.pack("<HHIQQ", 0x1014, 0x0041, 2, 1, 2)
    last = struct.pack("<HHII", write.STRING, SUBJECT, 1, 4) + b"end\0"
    found = read_properties(struct.pack("<I", 4) + write.named(b"x") + several + numbers + last)
    assert found[SUBJECT] == (write.STRING, b"end\0")


def test_container_that_cannot_be_read_stays_as_it_is() -> None:
    letter = mail(b"no container at all", words="Hello")
    assert [(a.filename, a.content) for a in letter.attachments] == [("winmail.dat", b"no container at all")]
    letter = mail(write.container(), words="Hello")
    assert [a.filename for a in letter.attachments] == ["winmail.dat"]


def test_container_that_is_cut_off_gives_what_is_there() -> None:
    whole = write.container(write.attachment(b"one.txt", b"first"), write.attachment(b"two.txt", b"second" * 100))
    letter = mail(whole[:-400])
    assert [a.filename for a in letter.attachments] == ["one.txt", "two.txt"]
    assert letter.attachments[1].content.startswith(b"second")


def test_mails_inside_mails_end_at_a_limit() -> None:
    inner = write.container(write.attachment(b"heart.txt", b"heart"))
    for _ in range(LEVEL_LIMIT + 20):
        inner = write.container(write.attachment(b"MAIL", b"", write.embedded(inner)))
    letter = mail(inner, words="Deep")
    assert any(b"heart" in attachment.content for attachment in letter.attachments)


def test_html_inside_rtf_is_taken_out() -> None:
    packed = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\b\htmlrtf0 "
        rb"Caf\'e9 \u8364?{\*\htmltag84 &amp;}{\*\htmltag72 </p>}\htmlrtf }\htmlrtf0}"
    )
    assert rtf.read(packed) == ("", "<p>Café €&amp;</p>")


def test_rtf_is_read_with_its_fonts_and_signs() -> None:
    packed = (
        rb"{\rtf1\ansi{\fonttbl{\f0\fswiss\fcharset238 Arial;}}\f0 lep\'9a\'ed\par {\i a}\tab b\~c "
        rb"{\pict 00ff}\{x\}\u-10179?\u-8704?}"
    )
    assert rtf.read(packed) == ("lepší\na\tb\xa0c {x}😀", "")


def test_compressed_rtf_of_the_specification_is_read() -> None:
    packed = bytes.fromhex(  # MS-OXRTFCP, 3.1.1
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.decompressed(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_reference_that_runs_into_itself_repeats() -> None:
    packed = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")  # MS-OXRTFCP, 3.1.2
    assert rtf.decompressed(packed) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_after_the_signature_are_read(damage: bytes, at: int) -> None:
    whole = write.container(
        write.message_properties(write.text(BODY, "x"), (write.BINARY, RTF, write.rtf_literals(rb"{\rtf1 a}"))),
        write.attachment(b"a.txt", b"abc", write.text(LONG_NAME, "long.txt")),
    )
    damaged = whole[:at] + damage + whole[at + len(damage) :]
    unwrap(damaged)
    sound(mail(damaged))


@given(
    st.lists(
        st.sampled_from([b"{", b"}", b"\\", b"'ff", b"u-1 ", b"*", b"htmltag", b"htmlrtf", b"\\par", b"a", b"\\uc3"])
    ).map(b"".join)
)
def test_any_rtf_is_read(pieces: bytes) -> None:
    for head in (rb"{\rtf1\ansi ", rb"{\rtf1\ansi\fromhtml1 "):
        for text in rtf.read(head + pieces):
            text.encode()
