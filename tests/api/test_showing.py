"""Mail and files of strangers in a browser: pages and addresses that open without a token, and only what they name."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk import pictures, signed
from models import Attachment, Message
from tests.api.conftest import Client
from tests.cast import Cast, mail

PNG = b"\x89PNG\r\n\x1a\n and so on"
HTML = b"<html><script>alert(1)</script></html>"


def html_mail(html: str) -> bytes:
    return (
        mail(text="A newsletter.\n")
        .replace(b'text/plain; charset="utf-8"', b"text/html")
        .replace(b"A newsletter.\r\n", html.encode())
    )


async def said(cast: Cast, client: Client, raw: bytes) -> dict[str, Any]:
    """The message that a mail became, as the client sees it."""
    entry = await cast.receive(raw)
    return dict((await client.get(f"/api/messages/{entry.message_id}")).json())


async def kept(cast: Cast, client: Client, content: bytes, content_type: str, filename: str) -> dict[str, Any]:
    """An attachment of these bytes that claims this type and name, as the client sees it."""
    entry = await cast.receive(mail(files=((filename, content),)))
    await Attachment.filter(message_id=entry.message_id).update(content_type=content_type)
    [found] = (await client.get(f"/api/messages/{entry.message_id}")).json()["attachments"]
    return dict(found)


# -- the page


async def test_the_html_of_a_mail_is_a_page_that_opens_without_a_token(cast: Cast, anyone: Client, ann: Client) -> None:
    message = await said(cast, ann, html_mail('<p>Hi <a href="https://x.example/a">there</a></p>'))
    page = await anyone.get(message["html_address"])
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.text.startswith("<!doctype html>")
    assert '<meta name="color-scheme" content="light">' in page.text
    [link] = re.findall("<a [^>]*>", page.text)
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer' in link
    assert 'title="https://x.example/a"' in link


async def test_the_page_runs_nothing_whatever_the_mail_brings(cast: Cast, anyone: Client, ann: Client) -> None:
    hostile = "<body onload=x()><script>x()</script><form action=/api/logout><input></form><svg onload=x()>Hi"
    page = await anyone.get((await said(cast, ann, html_mail(hostile)))["html_address"])
    body = page.text[page.text.index("<body") :]
    assert "Hi" in body
    assert not re.search("<script|onload|<form|<input|<svg", body)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;")
    assert "frame-ancestors 'self'" in policy
    assert "form-action 'none'" in policy
    assert "allow-scripts" not in policy
    assert page.headers["cache-control"] == "private, no-store"
    assert (page.headers["referrer-policy"], page.headers["x-content-type-options"]) == ("no-referrer", "nosniff")


async def test_pictures_of_other_hosts_need_to_be_asked_for_by_the_page_and_by_its_policy(
    cast: Cast, anyone: Client, ann: Client
) -> None:
    message = await said(cast, ann, html_mail('<img src="https://tracker.example/1.png">'))
    held, asked = [await anyone.get(message["html_address"] + more) for more in ("", "&remote_images=true")]
    assert ("tracker.example" in held.text, "https:" in held.headers["content-security-policy"]) == (False, False)
    assert "tracker.example" in asked.text
    assert "img-src 'self' data: https: http:;" in asked.headers["content-security-policy"]


async def test_a_message_without_html_has_no_page(cast: Cast, ann: Client) -> None:
    message = await said(cast, ann, mail())
    assert (message["html_address"], message["prefers_html"]) == (None, False)
    assert (await ann.get(f"/api/messages/{message['id']}/html")).status_code == 404


async def test_a_table_is_worth_its_html_and_a_paragraph_is_not(cast: Cast, ann: Client) -> None:
    plain = await said(cast, ann, html_mail("<p>Just <b>words</b></p>"))
    table = await said(cast, ann, html_mail("<table><tr><td>a</td><td>b</td></tr></table>"))
    assert (plain["prefers_html"], table["prefers_html"]) == (False, True)


async def test_whoever_may_see_a_message_gets_its_page_and_nobody_else(
    cast: Cast, anyone: Client, ann: Client, carl: Client, as_user: Callable[[str], Any]
) -> None:
    entry = await cast.receive(html_mail("<p>Hi</p>").replace(b"zoe@", b"carl@"))
    path = f"/api/messages/{entry.message_id}/html"
    assert [(await who.get(path)).status_code for who in (ann, carl, anyone)] == [200, 200, 401]
    await Message.filter(id=entry.message_id).update(direction="internal", author_role="agent")
    assert [(await who.get(path)).status_code for who in (ann, carl)] == [200, 404]


async def test_a_key_opens_only_what_it_was_made_for(cast: Cast, anyone: Client, ann: Client) -> None:
    one = await said(cast, ann, html_mail("<p>one</p>"))
    other = await said(cast, ann, html_mail("<p>other</p>"))
    file = await kept(cast, ann, PNG, "image/png", "a.png")
    key = one["html_address"].partition("?key=")[2]
    file_key = file["address"].partition("?key=")[2]
    for path in (
        f"/api/messages/{other['id']}/html?key={key}",
        f"/api/attachments/{one['id']}?key={key}",
        f"/api/attachments/{file['id']}?key={key}",
        f"/api/messages/{file['id']}/html?key={file_key}",
        f"/api/messages/{one['id']}/html?key={key[:-1]}",
        f"/api/messages/{one['id']}/html?key=",
    ):
        assert (await anyone.get(path)).status_code == 401, path


async def test_a_key_ends(cast: Cast, anyone: Client, ann: Client) -> None:
    message = await said(cast, ann, html_mail("<p>Hi</p>"))
    old = signed.sign(cast.house, pictures.PAGE, message["id"], timedelta(seconds=-1))
    assert (await anyone.get(f"/api/messages/{message['id']}/html?key={old}")).status_code == 401


async def test_an_address_holds_for_an_hour_and_a_quarter_at_most(cast: Cast, ann: Client) -> None:
    message = await said(cast, ann, html_mail("<p>Hi</p>"))
    shown = signed.read(cast.house, pictures.PAGE, message["html_address"].partition("?key=")[2])
    assert shown
    left = datetime.fromtimestamp(shown[1]["exp"], UTC) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=75)


async def test_an_address_stays_as_it_is_while_a_page_is_shown_again(cast: Cast, ann: Client) -> None:
    message = await said(cast, ann, html_mail("<p>Hi</p>"))
    again = {(await ann.get(f"/api/messages/{message['id']}")).json()["html_address"] for _ in range(3)}
    assert message["html_address"] in again | {pictures.page_of(cast.house, message["id"])}
    assert len(again) <= 2, "each look makes an address of its own"  # two where a quarter of an hour ended meanwhile


async def test_pictures_of_the_mail_stand_in_its_page_by_an_address_that_opens(
    cast: Cast, anyone: Client, ann: Client
) -> None:
    entry = await cast.receive(html_mail('<img src="cid:logo@x">'))
    blob = await cast.house.blobs.put(PNG)
    await Attachment.create(
        message_id=entry.message_id, filename="l.png", content_type="image/png", size=len(PNG), sha256=b"", inline=True,
        content_id="logo@x", blob=blob,
    )  # fmt: skip
    message = (await ann.get(f"/api/messages/{entry.message_id}")).json()
    page = await anyone.get(message["html_address"])
    [address] = re.findall('<img[^>]* ?src="([^"]+)"', page.text)
    opened = await anyone.get(address.replace("&amp;", "&"))
    assert (opened.status_code, opened.content, opened.headers["content-type"]) == (200, PNG, "image/png")


# -- files


@pytest.mark.parametrize(
    ("content", "claimed", "filename", "preview", "shown_as"),
    [
        (PNG, "image/png", "a.png", "image", "image/png"),
        (b"\xff\xd8\xff\xe0 rest", "image/png", "a.png", "image", "image/jpeg"),
        (b"GIF89a rest", "image/gif", "a", "image", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "a", "image", "image/webp"),
        (b"\0\0\0\x1cftypavif", "image/avif", "a", "image", "image/avif"),
        (HTML, "image/png", "a.png", "image", None),
        (PNG, "application/octet-stream", "scan.PNG", "image", "image/png"),
        (b"%PDF-1.7 rest", "application/pdf", "a.pdf", "pdf", "application/pdf"),
        (HTML, "application/pdf", "a.pdf", "pdf", None),
        (b"one,two\n", "text/csv", "a.csv", "text", "text/plain; charset=utf-8"),
        (HTML, "text/plain", "a.html", "text", "text/plain; charset=utf-8"),
        (b"\0\1\2\3", "text/plain", "a.txt", "text", None),
        (HTML, "text/html", "a.html", None, None),
        (b"<svg onload=x()/>", "image/svg+xml", "a.svg", None, None),
        (HTML, "application/xhtml+xml", "a.xhtml", None, None),
        (PNG, "application/octet-stream", "a.exe", None, None),
        (HTML, "application/octet-stream", "a.html", None, None),
    ],
)
async def test_a_browser_shows_what_a_file_is_and_saves_everything_else(
    cast: Cast, anyone: Client, ann: Client, content: bytes, claimed: str, filename: str, preview: str | None,
    shown_as: str | None,
) -> None:  # fmt: skip
    file = await kept(cast, ann, content, claimed, filename)
    assert file["preview"] == preview
    saved, looked_at = [await anyone.get(file["address"] + more) for more in ("", "&inline=true")]
    assert (saved.content, looked_at.content) == (content, content)
    assert saved.headers["content-disposition"] == f"attachment; filename*=utf-8''{filename}"
    assert looked_at.headers["content-disposition"].startswith("inline;" if shown_as else "attachment;")
    assert looked_at.headers["content-type"] == shown_as or not shown_as
    for answer in (saved, looked_at):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert saved.headers["cache-control"] == "private, no-store"
    if shown_as:
        assert looked_at.headers["cache-control"] == "private, max-age=900"
        assert "frame-ancestors 'self'" in looked_at.headers["content-security-policy"]


async def test_text_is_shown_whatever_its_charset_and_length(cast: Cast, anyone: Client, ann: Client) -> None:
    for content in ("Größe\n".encode("utf-16"), "Größe und Maße, schöne Grüße\n".encode("cp1252")):
        file = await kept(cast, ann, content, "text/plain", "a.txt")
        assert "Größe" in (await anyone.get(file["address"] + "&inline=true")).text
    long = "Zeile ö\n".encode() * 400_000
    blob = await cast.house.blobs.put(long)
    await Attachment.filter(id=file["id"]).update(blob=blob, size=len(long))
    assert (await anyone.get(file["address"] + "&inline=true")).content == long


async def test_an_address_of_a_file_opens_by_both_forms_of_its_path(cast: Cast, anyone: Client, ann: Client) -> None:
    file = await kept(cast, ann, PNG, "image/png", "a.png")
    slashed = file["address"].replace("?", "/?")
    assert [(await anyone.get(path)).status_code for path in (file["address"], slashed)] == [200, 200]
