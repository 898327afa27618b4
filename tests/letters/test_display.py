"""HTML of strangers, as it is shown: nothing acts, nothing leaves its box, nobody is asked."""

import re

import pytest

from letters import ShownHtml, says_more_than_text, show_html
from letters.hostile import is_hostile


def shown(html: str) -> str:
    return show_html(html).html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>a",
        "<style>body{display:none}</style>a",
        "<svg><script>x()</script></svg>a",
        "<math><mtext><script>x()</script></mtext></math>a",
        '<p onclick="x()" onmouseover=x()>a</p>',
        "<a href='javascript:x()'>a</a>",
        "<a href=' &#106;avascript:x()'>a</a>",
        "<a href='data:text/html,<script>x()</script>'>a</a>",
        "<a href='vbscript:x()'>a</a>",
        "<form action='https://x.example'><input name=p><button>a</button></form>",
        "<iframe src='https://x.example'></iframe>a",
        "<object data='x'></object><embed src=x>a",
        "<base href='https://x.example'><meta http-equiv=refresh content='0;https://x.example'>a",
        "<link rel=stylesheet href='https://x.example/s.css'>a",
        "<img src=x onerror=x()>a",
        "<img src='data:image/svg+xml,<svg onload=x()>'>a",
        "<img srcset='https://x.example/a.png 2x' src='javascript:x()'>a",
        "<video src='https://x.example/v'></video><audio src='https://x.example/a'></audio>a",
        "<table background='https://x.example/t.png'><tr><td background='https://x.example/d.png'>a</table>",
        "<noscript><p title='</noscript><img src=x onerror=x()>'>a</noscript>",
    ],
)
def test_nothing_acts_and_nobody_is_asked(html: str) -> None:
    found = shown(html)
    assert "a" in re.sub("<[^>]*>", "", found)
    tags = " ".join(re.findall("<[^>]*>", found))
    assert not re.search(r"script|style|form|input|button|iframe|object|embed|base |meta|link |svg|video|audio", tags)
    assert not re.search(r"""\bon\w+=|(?:src|srcset|background|action|data)=|href=["']?(?!https?:)""", tags)


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: #f00; font-weight:bold", "color:#f00;font-weight:bold"),
        ("background-color:rgba(0, 0, 0, 0.5)", "background-color:rgba(0, 0, 0, 0.5)"),
        ('font-family: "Segoe UI", sans-serif', "font-family:&quot;Segoe UI&quot;, sans-serif"),
        ("margin: 0 0 1em; padding-left:4px", "margin:0 0 1em;padding-left:4px"),
        ("position:fixed; top:0", ""),
        ("margin-top:-900px", ""),
        ("margin: 0 -9px", ""),
        ("z-index:9; float:left; opacity:0; display:none", ""),
        ("background:url(https://x.example/t.png)", ""),
        ("background-color:url(https://x.example/t.png)", ""),
        ("width:expression(alert(1))", ""),
        ("color:red/**/;co\\lor:red", ""),
        ('font-family:"a;position:fixed', ""),
        ("list-style-image:url(x); content:'x'", ""),
        ("transform:scale(99); animation:x 1s; cursor:none", ""),
    ],
)
def test_a_style_says_only_how_text_looks(style: str, kept: str) -> None:
    quote = "'" if '"' in style else '"'
    assert shown(f"<p style={quote}{style}{quote}>a</p>") == (f'<p style="{kept}">a</p>' if kept else "<p>a</p>")


def test_tables_colours_and_directions_of_old_mail_programs_stay() -> None:
    cell = '<td valign="top" dir="rtl"><font color="red">a</font></td>'
    html = f'<table bgcolor="#eee" width="600"><tbody><tr>{cell}</tr></tbody></table>'
    assert shown(html) == html


def test_pictures_of_other_hosts_are_held_back_until_asked_for() -> None:
    html = '<img src="https://x.example/a.png" alt="A"><img src="//x.example/b.png"><img src="HTTP://x.example/c.gif">'
    assert show_html(html) == ShownHtml('<img alt="A"><img><img>', 3)
    asked = show_html(html, remote_images=True)
    assert (asked.held_back, asked.html.count("src=")) == (0, 3)


def test_pictures_of_the_mail_come_from_its_attachments() -> None:
    files = {"logo@x": "/api/attachments/1/", "a b@x": "/api/attachments/2/"}
    html = '<img src="cid:logo@x"><img src="CID:a%20b@x"><img src="cid:gone"><a href="cid:logo@x">x</a>'
    found = show_html(html, files=files)
    assert re.findall('src="([^"]*)"', found.html) == ["/api/attachments/1/", "/api/attachments/2/"]
    assert "cid:" not in found.html.lower()
    assert found.held_back == 0


def test_a_picture_inside_the_html_is_shown_where_it_is_one() -> None:
    assert 'src="data:image/png;base64,AAAA"' in shown('<img src="data:image/png;base64,AAAA">')
    assert "src" not in shown('<img src="data:text/html;base64,AAAA">')


def attributes(tag: str) -> dict[str, str]:
    return dict(re.findall('([a-z]+)="([^"]*)"', tag))


def test_links_open_elsewhere_and_tell_no_address() -> None:
    assert attributes(shown('<a href="https://x.example/?a=1&amp;b" target="_top">a</a>')) == {
        "href": "https://x.example/?a=1&amp;b",
        "target": "_blank",
        "rel": "noopener noreferrer nofollow",
        "title": "https://x.example/?a=1&amp;b",
    }


def test_a_links_title_is_where_it_leads_whatever_the_mail_says() -> None:
    links = '<a title="https://bank.example" href="https://x.example/">a</a><a title="b" name="n">b</a>'
    first, second = re.findall("<a[^>]*>", shown(f'{links}<b title="kept">c</b>'))
    assert attributes(first)["title"] == "https://x.example/"
    assert "title" not in attributes(second)
    assert '<b title="kept">' in shown(links + '<b title="kept">c</b>')


@pytest.mark.parametrize(
    ("html", "more"),
    [
        ("<p>Hello <b>you</b></p><ul><li>a</ul>", False),
        ("<table><tr><td>only a frame</td></tr></table>", False),
        ("<table><tr><td>a</td><td>b</td></tr></table>", True),
        ('<img src="https://x.example/a.png" width="100" height="40">', True),
        ('<img src="cid:logo@x">', True),
        ('<img src="https://x.example/count.gif" width="1" height="1">', False),
        ('<img src="https://x.example/count.gif" style="width:1px;border:0">', False),
        ('<p style="background-color:#fff">white</p>', False),
        ('<p style="background-color:#fee">rose</p>', True),
        ('<table bgcolor="white"><tr><td bgcolor="navy">a</td></tr></table>', True),
        ("<p>Yes</p><blockquote>old<table><tr><td>a</td><td>b</td></tr></table></blockquote>", False),
    ],
)
def test_html_is_preferred_where_it_says_more_than_text(html: str, more: bool) -> None:
    assert says_more_than_text(shown(html)) is more


@pytest.mark.parametrize(
    "name", ["<div>", "<DIV></x>", '<div a="<">', "<div><!--</div>-->", "<div><style></div></style>"]
)
def test_html_that_nests_without_end_is_shown_as_text(name: str) -> None:
    html = f"<p>before</p>{name * 60_000}after"
    assert is_hostile(html)
    assert re.fullmatch(r"<pre>before\n*.*after</pre>", shown(html), re.DOTALL)


@pytest.mark.parametrize("between", [" a{}=1", ' a{}=">"', ' a{}="<"', "/a{}", "a{}=''", ' a{}"="'])
def test_a_tag_with_attributes_without_end_is_shown_as_text(between: str) -> None:
    html = f"<p{''.join(between.format(number) for number in range(60_000))}>words</p>"
    assert is_hostile(html)
    assert shown(html).startswith("<pre>")


@pytest.mark.parametrize(
    "html",
    [
        "<p>x" * 100_000,
        "<table>" + "<tr><td>a</td><td>b</td></tr>" * 9_000 + "</table>",
        "<div><p>a</p><br></div>" * 30_000,
        "<ul>" + "<li>a" * 50_000 + "</ul>",
        "a & b " * 30_000,
        f'<img src="data:image/png;base64,{"A/+b" * 400_000}">',
        "<p>" + "words and words / words " * 40_000,
    ],
    ids=["open paragraphs", "a long table", "flat", "open items", "ampersands", "a picture", "words"],
)
def test_a_long_page_is_no_hostile_one(html: str) -> None:
    assert not is_hostile(html)


def test_what_is_longer_than_the_limit_is_cut_and_still_sound() -> None:
    found = shown("<b>" + "<p>word</p>" * 300_000)
    assert len(found) < 3_000_000
    assert found.endswith("</b>")
