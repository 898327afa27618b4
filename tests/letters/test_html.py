import pytest

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
        ("", ""),
        ("<p>", ""),
    ],
)
def test_html_reads_as_a_reader_sees_it(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_words_survive_a_tree_too_deep_to_build() -> None:
    text = html_to_text("<script>x</script><p>first</p>" + "<div>" * 30_000 + "caf&eacute;<br>last")
    assert text == "first\ncafé\nlast"


def test_words_survive_more_nodes_than_are_walked() -> None:
    assert html_to_text("<p>a</p>" * 200_000).count("a") == 200_000
