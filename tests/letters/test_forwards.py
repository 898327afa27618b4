import pytest

from letters import Address, parse
from letters.forwards import is_forward, read_address

BOB = Address("Bob Bell", "bob@old.example")
TEXT = "The lamp flickers.\n\nBob"

MARKS = [
    "---------- Forwarded message ---------",
    "---------- Forwarded message ----------",
    "-------- Forwarded Message --------",
    "----- Forwarded Message -----",
    "Begin forwarded message:",
    "Forwarded message:",
    "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:",
    "-------- Message transféré --------",
    "----- Message transmis -----",
    "Début du message réexpédié :",
    "Début du message transféré :",
    "-------- Mensaje reenviado --------",
    "Inicio del mensaje reenviado:",
    "-------- Messaggio inoltrato --------",
    "Inizio messaggio inoltrato:",
    "-------- Mensagem encaminhada --------",
    "Início da mensagem reencaminhada:",
    "-------- Doorgestuurd bericht --------",
    "Begin doorgestuurd bericht:",
    "-------- Vidarebefordrat meddelande --------",
    "Vidarebefordrat mejl:",
    "-------- Videresendt meddelelse --------",
    "Start på videresendt besked:",
    "-------- Videresendt melding --------",
    "Videresendt melding:",
    "-------- Edelleenlähetetty viesti --------",
    "Välitetty viesti alkaa:",
    "-------- Treść przekazanej wiadomości --------",
    "Początek przekazywanej wiadomości:",
    "-------- Přeposlaná zpráva --------",
    "Začátek přeposílané zprávy:",
    "-------- Preposlaná správa --------",
    "Začiatok preposlanej správy:",
    "-------- Továbbított üzenet --------",
    "Továbbított levél kezdete:",
    "-------- Mesaj redirecționat --------",
    "Începe mesajul redirecționat:",
    "-------- Пересылаемое сообщение --------",
    "Начало переадресованного сообщения:",
    "-------- Перенаправлене повідомлення --------",
    "Початок листа, що пересилається:",
    "-------- Proslijeđena poruka --------",
    "-------- Yönlendirilmiş İleti --------".replace("İ", "i"),
    "İleti başlangıcı:".replace("İ", "i"),
    "---------- 转发的邮件 ----------",
    "---------- 転送メッセージ ----------",
    "---------- 전달된 메일 ----------",
]
FIELDS = [
    ("From", "Date", "Subject", "To"),
    ("Von", "Datum", "Betreff", "An"),
    ("De", "Date", "Objet", "À"),
    ("De", "Fecha", "Asunto", "Para"),
    ("Da", "Data", "Oggetto", "A"),
    ("De", "Data", "Assunto", "Para"),
    ("Van", "Datum", "Onderwerp", "Aan"),
    ("Från", "Datum", "Ämne", "Till"),
    ("Fra", "Dato", "Emne", "Til"),
    ("Lähettäjä", "Päiväys", "Aihe", "Vastaanottaja"),
    ("Od", "Data", "Temat", "Do"),
    ("Od", "Datum", "Předmět", "Komu"),
    ("Od", "Dátum", "Predmet", "Komu"),
    ("Feladó", "Dátum", "Tárgy", "Címzett"),
    ("De la", "Data", "Subiect", "Către"),
    ("От", "Дата", "Тема", "Кому"),
    ("Від", "Дата", "Тема", "Кому"),
    ("Kimden", "Tarih", "Konu", "Kime"),
    ("发件人", "日期", "主题", "收件人"),
    ("差出人", "日時", "件名", "宛先"),
    ("보낸 사람", "날짜", "제목", "받는 사람"),
]
SENDERS = [
    ("Bob Bell <bob@old.example>", BOB),
    ('"Bob Bell" <bob@OLD.example>', BOB),
    ("Bob Bell [mailto:bob@old.example]", BOB),
    ("Bob Bell <mailto:bob@old.example>", BOB),
    ("Bob Bell <bob@old.example<mailto:bob@old.example>>", BOB),
    ("Bob Bell <[bob@old.example](mailto:bob@old.example)>", BOB),
    ("[Bob Bell](mailto:bob@old.example)", BOB),
    ("Bob Bell (bob@old.example)", BOB),
    ("*Bob Bell* <bob@old.example>", BOB),
    ("bob@old.example", Address("", "bob@old.example")),
    ("bob@old.example <bob@old.example>", Address("", "bob@old.example")),
    ("<bob@old.example>", Address("", "bob@old.example")),
    ("Bell, Bob <bob@old.example>", Address("Bell, Bob", "bob@old.example")),
    ("Bob Bell <bob@old.example> on behalf of Old <x@old.example>", BOB),
    ("Bob Bell", None),
    ("", None),
]


def mail(text: str, subject: str = "Fwd: Lamp", kind: str = "plain") -> bytes:
    head = f"From: Ann <ann@acme.example>\nSubject: {subject}\nContent-Type: text/{kind}; charset=utf-8\n\n"
    return (head + text).encode()


def block(fields: tuple[str, ...] = FIELDS[0], sender: str = "Bob Bell <bob@old.example>", form: str = "{}: {}") -> str:
    values = (sender, "Mon, 2 Apr 2012 18:26", "Lamp", "Ann Lee <ann@acme.example>")
    return "\n".join(form.format(label, value) for label, value in zip(fields, values, strict=True))


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("preface", ["", "Please see below.\n\n"])
def test_forwarded_mail_is_found_below_its_mark(mark: str, preface: str) -> None:
    letter = parse(mail(f"{preface}{mark}\n{block()}\n\n\n{TEXT}\n"))
    assert letter.forwarded is not None
    assert (letter.forwarded.sender, letter.forwarded.subject, letter.forwarded.text) == (BOB, "Lamp", TEXT)
    assert letter.segments[-1].kind == "forward"


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: fields[0] + fields[2])
@pytest.mark.parametrize("form", ["{}: {}", "*{}: *{}", "{} : {}", "> {}: {}", "**{}:** {}"])
def test_forwarded_mail_is_found_by_its_header_block(fields: tuple[str, ...], form: str) -> None:
    text = TEXT if not form.startswith(">") else "\n".join(f"> {line}" for line in TEXT.split("\n"))
    letter = parse(mail(f"See below.\n\nBegin forwarded message:\n\n{block(fields, form=form)}\n\n{text}\n"))
    assert letter.forwarded is not None
    assert (letter.forwarded.sender, letter.forwarded.subject, letter.forwarded.text) == (BOB, "Lamp", TEXT)


@pytest.mark.parametrize(
    "prefix", ["FW", "Fwd", "WG", "TR", "RV", "ENC", "I", "VB", "Doorst", "İLT", "YML", "转发", "転送"]
)
def test_header_block_is_a_forward_where_the_subject_says_so(prefix: str) -> None:
    text = f"Bitte ansehen.\n\n________________________________\n{block(FIELDS[1])}\n\n{TEXT}\n"
    letter = parse(mail(text, f"{prefix}: Lamp"))
    assert letter.forwarded is not None
    assert (letter.forwarded.sender, letter.new_text) == (BOB, "Bitte ansehen.")


@pytest.mark.parametrize("subject", ["Re: Lamp", "AW: Lamp", "Lamp", "Re: Fwd: Lamp"])
def test_reply_that_quotes_is_no_forward(subject: str) -> None:
    assert parse(mail(f"Thank you!\n\n{block()}\n\n{TEXT}\n", subject)).forwarded is None
    assert (
        parse(mail(f"Thank you!\n\nOn 2 Apr 2012, Bob <bob@old.example> wrote:\n> {TEXT}\n", subject)).forwarded is None
    )


def test_intro_line_above_a_forwarded_mail_names_its_sender() -> None:
    text = f'On 5/20/21, 6:31 PM, "Bob Bell" <bob@old.example> wrote:\n\n{TEXT}\n'
    for preface in ("", "See below.\n\n"):
        letter = parse(mail(preface + text, "FW: Lamp"))
        assert letter.forwarded is not None
        assert (letter.forwarded.sender, letter.forwarded.subject, letter.forwarded.text) == (BOB, "Lamp", TEXT)


def test_values_of_a_header_block_may_be_wrapped() -> None:
    text = (
        "---------- Forwarded message ---------\nFrom: Bob Bell\n <bob@old.example>\nDate: Mon, 2 Apr 2012\n"
        "Subject: A lamp that flickers whenever somebody in the house turns on\n another one\n"
        f"To: Ann <ann@acme.example>, Eve Long <eve@acme.example>,\n Max <max@acme.example>\n\n{TEXT}"
    )
    forwarded = parse(mail(text)).forwarded
    assert forwarded is not None
    assert forwarded.sender == BOB
    assert forwarded.subject == "A lamp that flickers whenever somebody in the house turns on another one"
    assert forwarded.text == TEXT


@pytest.mark.parametrize(
    "html",
    [
        (
            '<div>See.<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded'
            " message ---------<br>From: "
            '<b>Bob Bell</b> <span dir="auto">&lt;<a href="mailto:bob@old.example">bob@old.example</a>&gt;</span>'
            "<br>Date: Mon, 2 Apr 2012"
            "<br>Subject: Lamp<br>To: Ann<br></div><br><br><div>The lamp flickers.</div><div><br></div><div>Bob"
            "</div></div></div>"
        ),
        (
            '<div>See.<br><blockquote type="cite"><div>Begin forwarded message:</div><br><div><span><b>From: </b>'
            "</span>Bob Bell &lt;"
            '<a href="mailto:bob@old.example">bob@old.example</a>&gt;</div><div><b>Subject: </b>Lamp</div><div>'
            "<b>Date: </b>2 April 2012</div>"
            "<br><div>The lamp flickers.<br><br>Bob</div></blockquote></div>"
        ),
        (
            '<p>See.</p><div class="moz-forward-container"><br>-------- Forwarded Message --------<table'
            ' class="moz-email-headers-table">'
            "<tr><th>Subject: </th><td>Lamp</td></tr><tr><th>Date: </th><td>Mon"
            ", 2 Apr 2012</td></tr><tr><th>From: </th><td>Bob Bell "
            "&lt;bob@old.example&gt;</td></tr></table><br>The lamp flickers.<br><br>Bob</div>"
        ),
        (
            '<p class="MsoNormal">See.</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p'
            ' class="MsoNormal"><b>From:</b> Bob '
            "Bell &lt;bob@old.example&gt; <br><b>Sent:</b> Monday, April 2"
            ", 2012 6:26 PM<br><b>To:</b> Ann<br><b>Subject:</b> Lamp</p></div></div>"
            '<p class="MsoNormal">The lamp flickers.</p><p class="MsoNormal">Bob</p>'
        ),
    ],
    ids=["Gmail", "Apple Mail", "Thunderbird", "Outlook"],
)
def test_forward_that_is_only_html_is_read(html: str) -> None:
    letter = parse(mail(html, kind="html"))
    assert letter.new_text == "See."
    assert letter.forwarded is not None
    assert (letter.forwarded.sender, letter.forwarded.subject, letter.forwarded.text) == (BOB, "Lamp", TEXT)


def attached(subject: str, text: str) -> bytes:
    return (
        f"From: Ann <ann@acme.example>\nSubject: {subject}\nContent-Type: multipart/mixed;"
        f" boundary=b\n\n--b\n\n{text}\n--b\n"
        f"Content-Type: message/rfc822\n\nFrom: Bob Bell <bob@old.example>\nSubject:"
        f" =?utf-8?Q?L=C3=A4mp?=\n\n{TEXT}\n--b--\n"
    ).encode()


@pytest.mark.parametrize(("subject", "text"), [("Fwd: Lamp", "See."), ("Lamp", "")])
def test_mail_attached_to_a_forward_is_the_forwarded_one(subject: str, text: str) -> None:
    forwarded = parse(attached(subject, text)).forwarded
    assert forwarded is not None
    assert (forwarded.sender, forwarded.subject, forwarded.text) == (BOB, "Lämp", TEXT)


def test_mail_attached_to_words_of_another_matter_is_an_attachment() -> None:
    assert parse(attached("Question", "What shall I do with this?")).forwarded is None


@pytest.mark.parametrize(("value", "address"), SENDERS)
def test_sender_is_read_as_programs_print_it(value: str, address: Address | None) -> None:
    assert read_address(value) == address


def test_same_prefix_means_a_forward_in_the_north_and_a_reply_in_finland() -> None:
    assert is_forward("VS: Lampe", "Se her\n\nFra: Bob")
    assert not is_forward("VS: Lamppu", "Katso\n\nLähettäjä: Bob")
