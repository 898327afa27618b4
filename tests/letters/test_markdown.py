"""Markdown becomes HTML that says what the text says, and can do nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import markdown_to_html
from letters.markdown import LONGEST

OURS = re.compile(
    r"</?(?:p|h[1-6]|strong|em|s|code|pre|ul|ol|li|table|thead|tbody|tr|blockquote|th|td|a)>|<(?:br|hr) />"
    r'|<ol start="\d+">|<code class="language-[^"<>]*">|<(?:table|th|td|blockquote) style="[a-z0-9#:;, -]+">'
    r'|<a href="(?:https?://|mailto:)[^"<>]*"(?: title="[^"<>]*")?>',
    re.IGNORECASE,
)


def rendered(text: str) -> str:
    return markdown_to_html(text).strip()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**now** and *then*", "<p><strong>now</strong> and <em>then</em></p>"),
        ("one\ntwo", "<p>one<br />\ntwo</p>"),
        ("~~old~~", "<p><s>old</s></p>"),
        ("[here](https://a.example/?b=1&c=2)", '<p><a href="https://a.example/?b=1&amp;c=2">here</a></p>'),
        ("<https://a.example>", '<p><a href="https://a.example">https://a.example</a></p>'),
        ("[write](mailto:kim@people.example)", '<p><a href="mailto:kim@people.example">write</a></p>'),
        ('"quotes" -- (c) ...', "<p>&quot;quotes&quot; -- (c) ...</p>"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>"),
    ],
)
def test_text_means_what_it_looks_like(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example)",
        "[x](/relative)",
        "<javascript:alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
    ],
)
def test_a_link_leads_to_a_page_or_an_address_and_nowhere_else(text: str) -> None:
    assert "href" not in rendered(text)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>"])
def test_html_is_shown_and_not_obeyed(text: str) -> None:
    assert text.replace("<", "&lt;").replace(">", "&gt;") in rendered(text)


def test_a_picture_of_elsewhere_is_a_link() -> None:
    assert rendered("![lamp](https://spy.example/1.gif)") == '<p>!<a href="https://spy.example/1.gif">lamp</a></p>'


def test_a_table_shows_its_lines() -> None:
    html = rendered("|a|b|\n|-|-:|\n|1|2|")
    assert '<table style="border-collapse:collapse">' in html
    assert html.count("border:1px solid") == 4
    assert "text-align:right;border" in html


@pytest.mark.parametrize("unit", ["[", "![", "](", "*", "**a ", "`", "<", "> ", "- ", "|", "&", "~~a", "\t."])
def test_a_megabyte_of_anything_comes_back_as_typed(unit: str) -> None:
    text = unit * (1024 * 1024 // len(unit))
    assert rendered(text).startswith('<div style="white-space:pre-wrap">')
    assert markdown_to_html(unit * 2000)


def test_a_text_at_the_limit_is_still_read() -> None:
    assert rendered("*a*" + "b" * (LONGEST - 3)).startswith("<p><em>a</em>b")


@given(st.lists(st.sampled_from([*"<>[]()!*_`~#|-:\"'&;\n /ab", "javascript:", "https://x", "&#58;", "<img src="])))
def test_whatever_is_typed_no_tag_and_no_link_is_there_but_ours(pieces: list[str]) -> None:
    for tag in re.findall(r"<[^>]*>", markdown_to_html("".join(pieces))):
        assert OURS.fullmatch(tag), tag
