"""Invoices and lists as PDF: one page of lines in Helvetica, which every viewer has (ISO 32000-1, 9.6.2.2)."""

from collections.abc import Sequence

TOP, LEFT, LEADING = 780, 64, 20
PAGE = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >>"


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """A page with a title and lines below it; signs that Latin-1 does not have become question marks."""
    stream = _page(title, lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< {PAGE} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    body, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    ending = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + ending


def invoice(number: int, item: str, price: int) -> bytes:
    """`price`: in whole euros."""
    tax = price * 19 / 119
    return pdf(
        f"Halde Cycles  -  Invoice 2026-{number}",
        (
            f"1 x {item}",
            "",
            f"Net              {price - tax:10.2f} EUR",
            f"VAT 19 %     {tax:10.2f} EUR",
            f"Total            {price:10.2f} EUR",
            "",
            "Halde Cycles, Am Tor 1, this town is invented",
        ),
    )


def _page(title: str, lines: Sequence[str]) -> bytes:
    shown = [f"BT /F 18 Tf {LEFT} {TOP} Td ({_escaped(title)}) Tj ET", f"{LEFT} {TOP - 14} m 530 {TOP - 14} l S"]
    shown += [
        f"BT /F 11 Tf {LEFT} {TOP - 48 - at * LEADING} Td ({_escaped(line)}) Tj ET" for at, line in enumerate(lines)
    ]
    return "\n".join(shown).encode("cp1252", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
