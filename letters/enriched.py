"""text/enriched (RFC 1896) and text/richtext (RFC 1341, 7.1.3): the words without the commands."""

import re

COMMAND = re.compile(r"<(/?)([a-zA-Z0-9-]{1,60})>")
RICHTEXT_SIGNS = {"nl": "\n", "lt": "<", "np": "\n\n", "paragraph": "\n"}
LINE_BREAKS = re.compile(r"\n+")


def read_enriched(text: str) -> str:
    """The words of text/enriched: a line break alone is a space, of several one is lost."""
    text = LINE_BREAKS.sub(lambda breaks: breaks[0][1:] or " ", text)
    return _words(text.replace("<<", "<lt>"), {"lt": "<"}, hidden="param")


def read_richtext(text: str) -> str:
    """The words of text/richtext: only <nl> breaks a line."""
    return _words(text.replace("\n", " "), RICHTEXT_SIGNS, hidden="comment")


def _words(text: str, signs: dict[str, str], hidden: str) -> str:
    out: list[str] = []
    position = depth = 0
    for command in COMMAND.finditer(text):
        if depth <= 0:
            out.append(text[position : command.start()])
        position = command.end()
        name = command[2].lower()
        if name == hidden:
            depth = max(0, depth + (-1 if command[1] else 1))
        elif name in signs and depth <= 0:
            out.append(signs[name])
    out.append(text[position:])
    return "".join(out)
