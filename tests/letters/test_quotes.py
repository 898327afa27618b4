import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters import divide_again, parse
from letters.quotes import divide, new_words

WORDS = "The lamp still flickers."
OLD = "Hello Ann,\n\nhave you tried another bulb?\n\nBob"

# What programs write above a quote that bears no marks of its own.
INTROS = [
    "On Mon, Apr 2, 2012 at 6:26 PM, Bob Bell <bob@desk.example> wrote:",
    "On Mon, Apr 2, 2012 at 6:26 PM, Bob Bell <\nbob@desk.example> wrote:",
    "On 2 Apr 2012, at 18:26,\nBob Bell <bob@desk.example>\nwrote:",
    "On 04/02/2012 06:26 PM, Bob Bell wrote:",
    'On 5/20/21, 6:31 PM, "Bob Bell" <bob@desk.example> wrote:',
    "---- On Wed, 24 Feb 2021 14:02:50 +0530 bob@desk.example wrote ----",
    "Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Bob Bell <bob@desk.example>:",
    "Am 02.04.2012 um 18:26 schrieb Bob Bell:",
    "Bob Bell <bob@desk.example> schrieb am Mo., 2. Apr. 2012, 18:26:",
    "Le lun. 2 avr. 2012 à 18:26, Bob Bell <bob@desk.example>\na écrit :",
    "Le 02/04/2012 à 18:26, Bob Bell a écrit :",
    "El lun, 2 abr 2012 a las 18:26, Bob Bell (<bob@desk.example>) escribió:",
    "El 02/04/2012 a las 18:26, Bob Bell escribió:",
    "Il giorno lun 2 apr 2012 alle ore 18:26 Bob Bell <bob@desk.example> ha scritto:",
    "Em seg., 2 de abr. de 2012 às 18:26, Bob Bell <bob@desk.example> escreveu:",
    "Op ma 2 apr. 2012 om 18:26 schreef Bob Bell <bob@desk.example>:",
    "Op 2 apr. 2012 om 18:26 heeft Bob Bell <bob@desk.example> het volgende geschreven:",
    "Den mån 2 apr. 2012 kl 18:26 skrev Bob Bell <bob@desk.example>:",
    "2 apr. 2012 kl. 18:26 skrev Bob Bell <bob@desk.example>:",
    "Den man. 2. apr. 2012 kl. 18.26 skrev Bob Bell <bob@desk.example>:",
    "man. 2. apr. 2012 kl. 18:26 skrev Bob Bell <bob@desk.example\n>:",
    "ma 2. huhtik. 2012 klo 18.26 Bob Bell <bob@desk.example> kirjoitti:",
    "pon., 2 kwi 2012 o 18:26 Bob Bell <bob@desk.example> napisał(a):",
    "W dniu 02.04.2012 o 18:26, Bob Bell pisze:",
    "Dnia 2 kwietnia 2012 18:26 Bob Bell <bob@desk.example> napisał(a):",
    "po 2. 4. 2012 v 18:26 odesílatel Bob Bell <bob@desk.example> napsal:",
    "Dne 2.4.2012 v 18:26 Bob Bell napsal(a):",
    "po 2. 4. 2012 o 18:26 Bob Bell <bob@desk.example> napísal(a):",
    "Bob Bell <bob@desk.example> ezt írta (időpont: 2012. ápr. 2., H, 18:26):",
    "2012. 04. 02. 18:26 keltezéssel, Bob Bell írta:",
    "În lun., 2 apr. 2012 la 18:26, Bob Bell <bob@desk.example> a scris:",
    "пн, 2 апр. 2012 г. в 18:26, Bob Bell <bob@desk.example>:",
    "02.04.2012 18:26, Bob Bell пишет:",
    "Понедельник, 2 апреля 2012, 18:26 +03:00 от Bob Bell <bob@desk.example>:",
    "пн, 2 квіт. 2012 р. о 18:26 Bob Bell <bob@desk.example> пише:",
    "На пн, 2.04.2012 г. в 18:26 Bob Bell <bob@desk.example> написа:",
    "Στις Δευ, 2 Απρ 2012 στις 18:26, ο χρήστης Bob Bell <bob@desk.example> έγραψε:",
    "Bob Bell <bob@desk.example>, 2 Nis 2012 Pzt, 18:26 tarihinde şunu yazdı:",
    "Vào Th 2, 2 thg 4, 2012 vào lúc 18:26 Bob Bell <bob@desk.example> đã viết:",
    "Pada tanggal Sen, 2 Apr 2012 pukul 18.26 Bob Bell <bob@desk.example> menulis:",
    "Bob Bell <bob@desk.example> 于2012年4月2日周一 18:26写道：",
    '在 2012-04-02 18:26:00，"Bob Bell" <bob@desk.example> 写道：',
    "Bob Bell <bob@desk.example> 於 2012年4月2日 週一 下午6:26寫道：",
    "2012年4月2日(月) 18:26 Bob Bell <bob@desk.example>:",
    "2012/04/02 18:26、Bob Bell <bob@desk.example>のメール:",
    "2012년 4월 2일 (월) 오후 6:26, Bob Bell <bob@desk.example>님이 작성:",
    (
        "\u200fבתאריך יום ב׳, 2 באפר׳ 2012 ב-18:26 מאת \u202aBob Bell\u202c\u200f "
        "<\u202abob@desk.example\u202c\u200f>:\u200f"
    ),
    "في الاثنين، 2 أبريل 2012 في 6:26 م تمت كتابة ما يلي بواسطة Bob Bell <bob@desk.example>:",
    "pon, 2. tra 2012. u 18:26 Bob Bell <bob@desk.example> napisao je:",
]

# From, date, to, subject as Outlook labels them.
BLOCKS = [
    ("From", "Sent", "To", "Subject"),
    ("Von", "Gesendet", "An", "Betreff"),
    ("De", "Envoyé", "À", "Objet"),
    ("De", "Enviado el", "Para", "Asunto"),
    ("Da", "Inviato", "A", "Oggetto"),
    ("De", "Enviada em", "Para", "Assunto"),
    ("Van", "Verzonden", "Aan", "Onderwerp"),
    ("Från", "Skickat", "Till", "Ämne"),
    ("Fra", "Sendt", "Til", "Emne"),
    ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    ("Od", "Wysłano", "Do", "Temat"),
    ("Od", "Odesláno", "Komu", "Předmět"),
    ("Od", "Odoslané", "Komu", "Predmet"),
    ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    ("De la", "Trimis", "Către", "Subiect"),
    ("От", "Отправлено", "Кому", "Тема"),
    ("Від", "Надіслано", "Кому", "Тема"),
    ("От", "Изпратено", "До", "Относно"),
    ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    ("Kimden", "Gönderildi", "Kime", "Konu"),
    ("Từ", "Đã gửi", "Đến", "Chủ đề"),
    ("Dari", "Dikirim", "Kepada", "Subjek"),
    ("发件人", "发送时间", "收件人", "主题"),
    ("寄件者", "寄件日期", "收件者", "主旨"),
    ("差出人", "送信日時", "宛先", "件名"),
    ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    ("מאת", "נשלח", "אל", "נושא"),
    ("من", "تم الإرسال", "إلى", "الموضوع"),
]
ORIGINALS = [
    "-----Original Message-----",
    "------ Original Message ------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Original-Nachricht --------",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Mensagem original-----",
    "-----Oorspronkelijk bericht-----",
    "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----",
    "-----Opprinnelig melding-----",
    "-----Alkuperäinen viesti-----",
    "-----Wiadomość oryginalna-----",
    "-----Původní zpráva-----",
    "-----Pôvodná správa-----",
    "-----Eredeti üzenet-----",
    "-----Mesaj original-----",
    "-----Исходное сообщение-----",
    "-----Αρχικό μήνυμα-----",
    "-----Orijinal Mesaj-----",
    "------------------ 原始邮件 ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
    "##- Please type your reply above this line -##",
]
FOOTERS = [
    "Sent from my iPhone",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows 10",
    "Sent with Proton Mail secure email.",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Get [Outlook for Android](https://aka.ms/AAb9ysg)",
    "Von meinem iPhone gesendet",
    "Gesendet von Outlook für Android",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Outlook pour Android",
    "Télécharger Outlook pour iOS",
    "Enviado desde mi iPhone",
    "Obtener Outlook para Android",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Hämta Outlook för iOS",
    "Sendt fra min iPhone",
    "Hent Outlook til iOS",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "Elküldve az iPhone-omról",
    "Trimis de pe iPhone-ul meu",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "Изпратено от моя iPhone",
    "Στάλθηκε από το iPhone μου",
    "iPhone'umdan gönderildi",
    "Đã gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "נשלח מה-iPhone שלי",
    "أُرسلت من الـ iPhone",
]
SIGNATURES = [
    "-- \nAnn Lee\nAcme",
    "--\nAnn",
    "Best regards,\nAnn Lee",
    "Kind regards\n\nAnn Lee\nHead of Lamps\nAcme Ltd\n+44 20 7946 0000\nwww.acme.example",
    "Regards",
    "Cheers,\nAnn",
    "Many thanks and kind regards,\nAnn",
    "Yours sincerely,\nAnn Lee",
    "Mit freundlichen Grüßen\nAnn Lee",
    "Viele Grüße aus Köln\nAnn",
    "LG Ann".replace(" ", "\n"),
    "MfG\nAnn Lee",
    "Bien cordialement,\nAnn Lee",
    "Cdt,\nAnn",
    "Un saludo,\nAnn",
    "Saludos cordiales\nAnn Lee",
    "Cordiali saluti\nAnn Lee",
    "Atenciosamente,\nAnn Lee",
    "Met vriendelijke groet,\nAnn",
    "Med vänliga hälsningar\nAnn",
    "Mvh\nAnn",
    "Med venlig hilsen\nAnn Lee",
    "Vennlig hilsen\nAnn",
    "Ystävällisin terveisin\nAnn",
    "Pozdrawiam,\nAnn",
    "Z poważaniem\nAnn Lee",
    "S pozdravem\nAnn",
    "Üdvözlettel,\nAnn",
    "Cu stimă,\nAnn",
    "С уважением,\nАнна",
    "З повагою,\nАнна",
    "Με εκτίμηση,\nΆννα",
    "Saygılarımla,\nAnn",
    "Trân trọng,\nAnn",
    "Hormat saya,\nAnn",
    "Thanks,\nAnn Lee\nAcme Ltd\n+44 20 7946 0000",
    "/Ann",
]
DISCLAIMERS = [
    (
        "This e-mail and any attachments are confidential and intended solely for the addressee. If you have received"
        " it in error,"
        " please notify the sender and delete it. Any unauthorised disclosure is prohibited."
    ),
    (
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail"
        " irrtümlich"
        " erhalten haben, informieren Sie bitte den Absender und löschen Sie diese Mail."
    ),
    (
        "Ce message est confidentiel et destiné à l'usage exclusif de son destinataire. Si vous l'avez reçu par"
        " erreur, merci d'en"
        " avertir l'expéditeur et de le supprimer. Toute divulgation est interdite."
    ),
    (
        "Este mensaje es confidencial y se dirige exclusivamente a su destinatario. Si lo ha recibido por error,"
        " elimínelo."
        " Queda prohibida su divulgación."
    ),
    (
        "Il presente messaggio è riservato ed esclusivamente per il destinatario. Se ricevuto per errore"
        ", si prega di cancellarlo."
    ),
    (
        "Wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeśli otrzymali ją Państwo omyłkowo"
        ", prosimy o jej usunięcie."
    ),
    "This email has been checked for viruses by Avast antivirus software.",
    "Virus-free. www.avast.com",
    "Diese E-Mail wurde von Avast auf Viren geprüft.",
    "Please consider the environment before printing this e-mail.",
    (
        "_______________________________________________\nlamps mailing"
        " list\nlamps@lists.example\nhttps://lists.example/mailman/listinfo/lamps"
    ),
]
PROSE = [
    "On Monday I wrote: the lamp flickers.\n\nIt still does.",
    "On Monday I wrote:\n\nthe lamp flickers.\n\nIt still does.",
    "On 3 May 2024 at 10:30 I wrote:\n\nplease refund me.\n\nNothing has come.",
    "On 3 May 2024 your colleague wrote:\n\nwe will refund you.\n\nNothing has come.",
    "Am 3. Mai schrieb mir Ihr Kollege:\n\nwir erstatten alles.\n\nNichts ist gekommen.",
    "As Ann wrote:\n\nthe lamp is broken.",
    "I need three tickets.\n\nFrom: Berlin\nTo: Paris\nDate: 5 May\n\nTwo adults, one child.",
    "From: Berlin To: Paris\nWhen: Monday",
    "Please change my order:\n\nName: Ann Lee\nNumber: 4711\nTo: Main Street 5\n\nThanks!",
    "I found this:\n\n- the lamp\n- the bulb\n-- the thin one\n-- the thick one\n\nWhich fits?",
    "Name   Price\n------ -----\nLamp   5\nBulb   1\n\nIs that right?",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nCan you read this?",
    "```\n-- a comment in SQL\nSELECT 1;\n```\n\nWhy does it fail?",
    "2024-05-03 10:30:00 error: lamp\n2024-05-03 10:30:01 fatal: bulb\n\nWhat does it mean?",
    ">>> lamp.on()\nTrue\n>>> lamp.off()\nFalse\n\nWhy?",
    "The best regards of my whole family.\n\nThank you for the lamp. I shall write again.",
    "Regards the lamp, it flickers.\n\nWhat shall I do?",
    "Best regards, Ann, is what I always write, and then I go on.\n\nThe lamp is broken.",
    "Hello,\n\nthanks\n\nThe lamp is here and it works, but I should like another one.",
    "Greetings,\n\nThe lamp is broken.",
    "Sent from my desk, this is easier than by phone.",
    "Sent from heaven, as they say, the lamp arrived.\n\nIt works.",
    "Send the lamp here, please:\n\nAnn Lee\nMain Street 5\nann@acme.example\n+44 20 7946 0000",
    "This message is confidential: my boss must not know that the lamp broke.\n\nCan you repair it?",
    "We talk about the original message here.\n\nOriginal message\n\nis what the button says.",
    "The button says\n\nForwarded message\n\nand then it crashes.",
    "Roses are red,\n\nViolets are blue,\n\n* * *\n\nLamps are bright,\n\nAnd so are you.",
    (
        "Hello,\n\nThe question is:\n1. Which bulb?\n2. Which lamp?\n\nBest regards,\nAnn\n\nP.S. My order number is"
        " 4711, please hurry with it."
    ),
    "Sent the iPhone back yesterday\n\nPlease refund it.",
    "Get my phone back please.\n\nIt is a Samsung.",
    "I checked the file with my virus scanner and it is clean, Avast says.\n\nCan you look?",
    "Confidential\n\nMy boss must not know.",
    "Please delete my account: I received this by mistake, the contract is confidential, and you are liable.",
    "Steps:\n1. open\n2. click\n\n--\n\nThen:\n3. close\n4. wait",
    "The order:\nOrder: 5\nDate: 5 May\nSubject: lamp\nFrom: me\nTo: you",
    "We met at 10:30 with Bob <bob@desk.example>:\n\nhe promised a lamp.",
    "The virus scanner says that the lamp's software is infected. Can you check?",
]


@pytest.mark.parametrize("intro", INTROS)
def test_what_stands_below_an_intro_is_quoted(intro: str) -> None:
    assert new_words(divide(f"{WORDS}\n\n{intro}\n\n{OLD}\n")) == WORDS


@pytest.mark.parametrize("intro", INTROS)
def test_intro_belongs_to_the_marked_lines_below_it(intro: str) -> None:
    marked = "\n".join(f"> {line}" for line in OLD.split("\n"))
    divided = divide(f"{WORDS}\n\n{intro}\n{marked}\n\nAnd another word.\n")
    assert new_words(divided) == f"{WORDS}\n\nAnd another word."
    assert [segment.kind for segment in divided] == ["new", "quote", "new"]


@pytest.mark.parametrize("labels", BLOCKS, ids=lambda labels: f"{labels[0]} {labels[3]}")
@pytest.mark.parametrize("form", ["{}: {}", "*{}:* {}", "{} : {}", "**{}:** {}"])
def test_what_stands_below_a_header_block_is_quoted(labels: tuple[str, ...], form: str) -> None:
    values = ("Bob Bell <bob@desk.example>", "2012-04-02 18:26", "Ann Lee <ann@acme.example>", "Re: Lamp")
    block = "\n".join(form.format(label, value) for label, value in zip(labels, values, strict=True))
    for rule in ("", "________________________________\n", "-----\n\n"):
        assert new_words(divide(f"{WORDS}\n\n{rule}{block}\n\n{OLD}\n")) == WORDS


@pytest.mark.parametrize("mark", ORIGINALS)
def test_what_stands_below_a_mark_is_quoted(mark: str) -> None:
    assert new_words(divide(f"{WORDS}\n\n{mark}\n\n{OLD}\n")) == WORDS


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_a_phone_adds_is_signature(footer: str) -> None:
    divided = divide(f"{WORDS}\n\n{footer}\n")
    assert [(segment.kind, segment.text.strip()) for segment in divided] == [("new", WORDS), ("signature", footer)]


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("below", ["", "\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Bob <bob@desk.example> wrote:\n> Hello\n"])
def test_signature_ends_the_new_words(signature: str, below: str) -> None:
    divided = divide(f"{WORDS}\n\n{signature}\n{below}")
    assert new_words(divided) == WORDS
    assert divided[1].kind == "signature"
    assert divided[1].rule


@pytest.mark.parametrize("notice", DISCLAIMERS)
def test_notices_are_not_new(notice: str) -> None:
    divided = divide(f"{WORDS}\n\n{notice}\n")
    assert [segment.kind for segment in divided] == ["new", "disclaimer"]


def test_warning_of_a_gateway_stands_above() -> None:
    text = "CAUTION: This email originated from outside of the organization. Do not click links.\n\n" + WORDS
    assert new_words(divide(text)) == WORDS


@pytest.mark.parametrize("prose", PROSE)
def test_prose_that_looks_like_a_mark_stays_shown(prose: str) -> None:
    text = f"Dear desk,\n\n{prose}\n"
    assert new_words(divide(text)) == text.strip()


def test_words_of_thanks_with_a_bare_name_stay_shown() -> None:
    assert new_words(divide(f"{WORDS}\n\nThanks,\nAnn")) == f"{WORDS}\n\nThanks,\nAnn"


def test_answers_between_quoted_lines_stay_shown() -> None:
    text = (
        "On 2 Apr 2012, Bob <bob@desk.example> wrote:\n> Which lamp?\n\nThe red one.\n\n> Which bulb?\n\nThe big one.\n"
    )
    assert new_words(divide(text)) == "The red one.\n\nThe big one."


def test_mail_that_is_all_quote_is_shown_whole() -> None:
    text = "> Which lamp?\n> Which bulb?\n"
    assert new_words(divide(text)) == text.strip()


def test_mail_that_begins_with_its_own_header_is_divided_below_it() -> None:
    text = "From: Ann <ann@acme.example>\nSent: 2 Apr 2012 18:26\nSubject: Lamp\n\nIt flickers.\n\nRegards,\nAnn\n"
    divided = divide(text)
    assert [segment.kind for segment in divided] == ["forward", "signature"]
    assert new_words(divided).endswith("It flickers.")


@pytest.mark.parametrize("dash", ["—", "***", "_________________", "----------------"])
def test_dash_opens_a_signature_only_above_contact_data(dash: str) -> None:
    contacts = "Ann Lee\nAcme Ltd\nt. +44 20 7946 0000\nhttps://acme.example"
    assert new_words(divide(f"{WORDS}\n\n{dash}\n{contacts}\n")) == WORDS
    assert "second part" in new_words(divide(f"{WORDS}\n\n{dash}\nThis is the second part of what I have to say.\n"))


OURS = """Hello Ann,

thank you for your mail about the lamp that flickers. Have you tried another bulb in it, a big one perhaps?
Please tell us also which switch you use, and whether the flickering began on the first day or later on.

Kind regards
Bob from the desk"""


def rewrapped(text: str, width: int = 40) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


@pytest.mark.parametrize("old", [OURS, rewrapped(OURS), "\n".join(f"> {line}" for line in OURS.split("\n"))])
def test_our_own_words_are_a_quote_without_any_mark(old: str) -> None:
    divided = divide(f"{WORDS}\n\nmanaali 2.4.2012 18:26 Bob Bell hat diesen:\n\n{old}\n", sent=[OURS])
    assert new_words(divided) == WORDS
    assert {segment.kind for segment in divided} == {"new", "quote"}


def test_answer_typed_into_our_words_is_shown() -> None:
    first, second = OURS.split("Please", 1)
    text = f"{WORDS}\n\n-----Original Message-----\n{first}\nYes, with a big one too.\n\nPlease{second}\n"
    assert new_words(divide(text)) == WORDS
    assert new_words(divide(text, sent=[OURS])) == f"{WORDS}\n\nYes, with a big one too."


def test_few_words_that_we_wrote_too_stay_new() -> None:
    assert new_words(divide("thank you for your mail about it\n", sent=[OURS])) == "thank you for your mail about it"


def test_letter_is_divided_again_once_its_ticket_is_known() -> None:
    raw = f"From: ann@acme.example\nContent-Type: text/plain; charset=utf-8\n\n{WORDS}\n\n{rewrapped(OURS)}\n".encode()
    letter = parse(raw)
    again = divide_again(letter, [OURS])
    assert (letter.new_text != WORDS, again.new_text, again.text) == (True, WORDS, letter.text)


HTML = {
    "Gmail": '<div>{new}</div><br><div class="gmail_quote"><div class="gmail_attr">am 2. April, Bob:<br></div>'
    '<blockquote class="gmail_quote">{old}</blockquote></div>',
    "Outlook": (
        '<div class="WordSection1"><p class="MsoNormal">{new}</p><div><div style="border:none;border-top:solid'
        " #E1E1E1 1.0pt;"
        'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Avsendo:</b> Bob<br><b>Kiam:</b> 2.4.2012<br><b>Temo:</b>'
        " Lamp</p></div></div>"
        '<p class="MsoNormal">{old}</p></div>'
    ),
    "Outlook on the web": (
        '<div>{new}</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Bob, 2.4.</div><div>{old}</div>'
    ),
    "Outlook for Mac": '<div>{new}</div><span id="OLK_SRC_BODY_SECTION"><div>Bob, 2.4.</div><div>{old}</div></span>',
    "Hotmail": '<div>{new}</div><hr id="stopSpelling">Bob<br>{old}',
    "Apple Mail": (
        '<div>{new}</div><div><blockquote type="cite"><div>Bob, 2.4.</div><div>{old}</div></blockquote></div>'
    ),
    "Thunderbird": (
        '<p>{new}</p><div class="moz-cite-prefix">Bob, 2.4.<br></div><blockquote type="cite" cite="mid:a@b">{old}'
        "</blockquote>"
    ),
    "Yahoo": (
        '<div>{new}</div><div id="ydp12yahoo_quoted_1" class="ydp12yahoo_quoted"><div>Bob, 2.4.</div><div>{old}'
        "</div></div>"
    ),
    "Proton": '<div>{new}</div><div class="protonmail_quote">Bob, 2.4.<br><blockquote>{old}</blockquote></div>',
    "Zimbra": (
        '<div>{new}</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">Bob</div>'
        "<div>{old}</div>"
    ),
    "Spark": (
        '<div name="messageBodySection">{new}</div><div name="messageReplySection">Bob, 2.4.<br><blockquote>{old}'
        "</blockquote></div>"
    ),
    "QQ": '<div>{new}</div><div id="isReplyContent">Bob<br>{old}</div>',
}


@pytest.mark.parametrize("client", HTML)
def test_marks_of_mail_programs_are_understood(client: str) -> None:
    old = "<br>".join(OLD.split("\n"))
    html = HTML[client].format(new=WORDS, old=old)
    assert parse(f"Content-Type: text/html\n\n{html}".encode()).new_text == WORDS
    plain = f"{WORDS}\n\nBob, 2.4.\n{OLD}\n"
    divided = divide(plain, f"<html><head><style>p {{color: red}}</style></head><body>{html}</body></html>")
    assert divided[0].text.startswith(WORDS)
    if client in {"Apple Mail", "Proton", "Spark", "Yahoo", "Outlook for Mac", "Outlook on the web"}:
        assert new_words(divided) == WORDS


def test_answer_between_marked_quotes_is_shown() -> None:
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On 2 Apr 2012 at 18:26 Bob wrote:</div><blockquote'
        ' class="gmail_quote">'
        '<p>Which lamp?</p></blockquote><div>The red one.</div><blockquote class="gmail_quote"><p>Which bulb?</p>'
        "</blockquote>"
        "<div>The big one.</div></div>"
    )
    assert parse(f"Content-Type: text/html\n\n{html}".encode()).new_text == "The red one.\n\nThe big one."
    plain = "On 2 Apr 2012 at 18:26 Bob wrote:\nWhich lamp?\nThe red one.\nWhich bulb?\nThe big one.\n"
    assert new_words(divide(plain, html)) == "The red one.\nThe big one."


def test_marks_in_html_of_other_words_are_ignored() -> None:
    html = (
        '<div class="gmail_quote"><blockquote class="gmail_quote">Quite another text, of which nothing is here.'
        "</blockquote></div>"
    )
    assert new_words(divide(f"{WORDS}\nAnd more of it.", html)) == f"{WORDS}\nAnd more of it."


def test_signature_that_somebody_typed_into_stays_shown() -> None:
    long = "word " * 200
    assert (
        parse(f'Content-Type: text/html\n\n<div>Hi</div><div id="Signature">{long}</div>'.encode()).new_text.count(
            "word"
        )
        == 200
    )


PIECES = st.sampled_from(
    [
        WORDS,
        OLD,
        OURS,
        "",
        ">",
        "> > x",
        "-- ",
        "--",
        "—",
        "On 1 Jan 2026 a <a@b> wrote:",
        "From: a@b",
        "Sent: 1",
        "Subject: x",
        "-----Original Message-----",
        "Regards,",
        "Ann",
        "Sent from my iPhone",
        "________________________________",
        "| x",
        "\x0b",
        "\u2028",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=25).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(
    TEXTS,
    st.one_of(st.none(), TEXTS, st.just('<blockquote type="cite">' + OLD + "</blockquote>" + WORDS)),
    st.lists(TEXTS, max_size=2),
    st.booleans(),
)
def test_segments_in_a_row_are_the_text(text: str, html: str | None, sent: list[str], forwarding: bool) -> None:
    divided = divide(text, html, sent, forwarding=forwarding)
    assert "".join(segment.text for segment in divided) == text
    assert all(0 <= segment.confidence <= 1 for segment in divided)
    assert all(segment.rule for segment in divided if segment.kind != "new")
    assert bool(new_words(divided)) == bool(text.strip())


@pytest.mark.parametrize(
    "text",
    [
        "On 1:\n" * 20_000,
        "From: a@b\n" * 20_000,
        "--\n" * 20_000,
        "x\n\n" * 20_000,
        "Sent from my iPhone\n" * 20_000,
        "a " * 1_000_000,
        "confidential intended notify " * 40_000,
        "Regards,\n" * 20_000,
        "_" * 30 + "\n" + ("-" * 30 + "\n") * 20_000,
        "> On 1 Jan 2026 a <a@b> wrote:\n" * 20_000,
        "a@" * 500_000,
        ("word, " * 15 + "\n") * 20_000,
    ],
    ids=range(12),
)
def test_hostile_text_is_divided_in_bearable_time(text: str) -> None:
    began = time.process_time()
    divide(text, None, [text[:200_000]])
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Yes\n\nSent from my iPhone\n", "Yes\n\nSent from my iPhone"),
        ("Yes\n\nSent from my iPhone\n\nOn Monday, Jane wrote:\n> old\n", "Yes\n\nSent from my iPhone"),
        ("Yes please\n\nSent from my iPhone\n", "Yes please"),
        ("はい\n\niPhoneから送信\n", "はい"),
    ],
)
def test_one_word_alone_has_its_signature_shown_beside_it(text: str, new: str) -> None:
    assert new_words(divide(text)) == new
