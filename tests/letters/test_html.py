import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import parse
from letters.body import HTML_READ
from letters.html import html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("<p>one\n   two</p><p>three</p>", "one two\n\nthree"),
        ("a<b>b</b> <i> c</i>", "ab c"),
        ("<ol><li>one<li><p>two</p></ol>", "1. one\n2. two"),
        ("<ul><li>one<ul><li>inner</ul><li>two</ul>", "- one\n\n  - inner\n\n- two"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
        ("<pre>  a\n   b\n</pre>", "  a\n   b"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        ('see <a href="https://x.example/a">this</a>.', "see [this](https://x.example/a)."),
        ('<a href="javascript:alert(1)">this</a>', "this"),
        ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ('<a href="https://x.example/"><img src="x" alt="Logo"></a>', "[Logo](https://x.example/)"),
        ("<blockquote>one<blockquote>two</blockquote></blockquote>after", "> one\n>\n> > two\n\nafter"),
        ('<p>a</p><p style="color: red; DISPLAY :none">b</p><p hidden>c</p>', "a"),
        ("<script>x</script><style>y</style><title>z</title><!-- c -->a", "a"),
        ("&lt;b&gt; &amp;amp; &euro;", "<b> &amp; €"),
        ("<table><tr><td><p>Lamp</p></td><td><p>5 &euro;</p></td></tr><tr><td></td><td>x</td></table>", "Lamp\t5 €\nx"),
        ("<table><tr><td>Ann<br>Acme</td><td><p>Bob</p><p>Old</p></td></tr></table>", "Ann\nAcme\n\nBob\n\nOld"),
        ('<table role="presentation"><tr><td>&nbsp;<td>a<td>&nbsp;<td>b<td>&nbsp;</table>', "a\tb"),
        (
            "<table><tr><td><table><tr><td><table><tr><td>deep</td></tr></table></td></tr></table></td></tr></table>",
            "deep",
        ),
        ("<table><tr><th>a<th>b<tr><td>1<td><tr><td><td>2</table>", "a\tb\n1\n2"),
        ('<ol start="3"><li>three<li>four</ol>', "3. three\n4. four"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
        ("un<wbr>bro&shy;ken H<sub>2</sub>O <q>so</q>", 'unbroken H2O "so"'),
        ('<form>Name <input value="Ann"> <input type="hidden" value="x"><button>Send</button></form>', "Name Ann Send"),
        ("<select><option>one<option>two</select><textarea>a\n  b</textarea>", "one\ntwo\na\n  b"),
        ("<details><summary>More</summary>inner</details>", "More\ninner"),
        ("<div hidden><p>a<b>b</b></p></div>c", "c"),
        ('<p style="color:#fff;background:#fff">white</p><p style="font-size:0">small</p>', "white\n\nsmall"),
        ('<div style="mso-hide:all">a</div>', "a"),
        ("<p>a</p><div>&zwnj;&nbsp;&#847;&zwnj;&nbsp;</div><p>b</p>", "a\n\nb"),
        ('<blockquote style="margin:0 0 0 40px;border:none;padding:0px">moved right</blockquote>', "moved right"),
        ('<blockquote style="border:none;border-left:solid #CCC 1.0pt">quoted</blockquote>', "> quoted"),
        ("a<!--[if mso]>b<![endif]--><![if !mso]>c<![endif]>", "ac"),
        ("<noscript>a</noscript><object>b</object><math><mi>c</mi></math>", "abc"),
        ('<img src="x" alt="A lamp"><img src="y">', "A lamp"),
        ("", ""),
        ("<p>", ""),
    ],
)
def test_html_reads_as_a_reader_sees_it(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 300_000,
        "<" * 25_000_000,
        '<p title="' + "a" * 10_000_000 + '">b',
        "<tr>" * 100_000,
        "<table><tr><td>" * 100_000,
        "<blockquote>" * 90 + "<tr><td>a<td>b" * 20_000,
        "<script " * 300_000,
        "</script " * 300_000,
        "&lt;" * 1_000_000,
        "<a href='x'>" * 200_000,
        "<li>" * 200_000,
    ],
    ids=range(11),
)
def test_hostile_html_is_read_in_bearable_time(html: str) -> None:
    began = time.process_time()
    html_to_text(html)
    assert time.process_time() - began < 5


TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<ul><li>",
        "</ul>",
        "<blockquote>",
        "</blockquote>",
        "<pre>",
        "</pre>",
        "<a href='https://x.example'>",
        "</a>",
        "<br>",
        "<q>",
        "<textarea>",
        "&nbsp;",
        "<input value=x>",
        "</tr>",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(TAGS, st.sampled_from(["lamp", " bulb ", "\n"])), max_size=40))
def test_every_word_of_any_html_is_kept(pieces: list[str]) -> None:
    text = html_to_text("".join(pieces))
    assert text.count("lamp") >= pieces.count("lamp")
    assert text.count("bulb") >= pieces.count(" bulb ")


def test_words_survive_a_tree_too_deep_to_build() -> None:
    text = html_to_text("<script>x</script><p>first</p>" + "<div>" * 30_000 + "caf&eacute;<br>last")
    assert text == "first\ncafé\nlast"


def test_words_survive_more_nodes_than_are_walked() -> None:
    assert html_to_text("<p>a</p>" * 200_000).count("a") == 200_000


def test_words_beyond_the_limit_stay_in_the_html_and_the_mail_says_so() -> None:
    page = "<p>first</p>" + "x " * (HTML_READ // 2) + "<p>last</p>"
    letter = parse(f"Content-Type: text/html\r\n\r\n{page}".encode())
    assert letter.text.startswith("first")
    assert "last" not in letter.text
    assert letter.html is not None
    assert letter.html.endswith("<p>last</p>")
    assert any("the words after that are in the HTML alone" in defect for defect in letter.defects)
