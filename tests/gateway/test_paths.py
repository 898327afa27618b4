import pytest

from gateway.paths import read_path


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("<a@b.test>", "a@b.test", ""),
        ("<>", "<>", ""),
        ("<> SIZE=1 BODY=8BITMIME", "<>", "SIZE=1 BODY=8BITMIME"),
        ("  <a@b.test>  ", "a@b.test", ""),
        ("a@b.test", "a@b.test", ""),
        ('<"a \\" b"@c.test>', '"a \\" b"@c.test', ""),
        ("<a@[IPv6:::1]>", "a@[IPv6:::1]", ""),
        ("<SRS0=x=y=b.test=a@c.test>", "SRS0=x=y=b.test=a@c.test", ""),
        ("<a..b.@c.test>", "a..b.@c.test", ""),
    ],
)
def test_paths_of_the_real_world(text: str, address: str, rest: str) -> None:
    assert read_path(text) == (address, rest)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "<",
            "<a@b.test",
            "a@b.test>",
            "<a@b@c.test>",
            "<a b@c.test>",
            "<@a.test:b@c.test>",
            "<a@b.test>x",
            "<<a@b.test>>",
        ),
        *(
            "<a@>",
            "<@b.test>",
            "<a@b.test,c@d.test>",
            "<a@b.test\x00>",
            "<a\r@b.test>",
            "<a@b.test> x\x00".replace(" x", ""),
        ),
        "(" * 2000,
        '<"' + "\\" * 2001 + "@",
    ],
)
def test_what_is_no_path(text: str) -> None:
    assert read_path(text) is None
