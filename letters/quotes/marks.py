"""Lines by which mail programs part a mail from the one below it: `-----Original Message-----` and its kin."""

import re

from letters.letter import SegmentKind
from letters.quotes.fields import MARKS, read_block, read_field

ORIGINALS = (
    "original message | original e-mail | original email | original mail | original appointment | reply message"
    " | message d'origine | message original | message d’origine | courriel original | ursprüngliche nachricht"
    " | ursprüngliche e-mail | ursprüngliche mail | originalnachricht | original-nachricht | mensaje original"
    " | correo original | missatge original | mensagem original | messaggio originale | messaggio originario"
    " | oorspronkelijk bericht | origineel bericht | originele bericht | oorspronkelijke bericht"
    " | originalmeddelande | original meddelande | ursprungligt meddelande | ursprungligt mejl"
    " | oprindelig meddelelse | oprindelig besked | original besked | opprinnelig melding | opprinnelig e-post"
    " | original melding | upprunaleg skilaboð | alkuperäinen viesti | wiadomość oryginalna"
    " | oryginalna wiadomość | wiadomość pierwotna | původní zpráva | původní e-mail | původní email"
    " | pôvodná správa | pôvodný e-mail | eredeti üzenet | eredeti levél | mesaj original | mesajul original"
    " | izvorna poruka | originalna poruka | originalno sporočilo | izvirno sporočilo | оригинална порука"
    " | исходное сообщение | исходное письмо | оригинальное сообщение | початкове повідомлення"
    " | оригінальне повідомлення | вихідне повідомлення | оригинално съобщение | първоначално съобщение"
    " | αρχικό μήνυμα | orijinal mesaj | orijinal ileti | özgün ileti | özgün mesaj | thư gốc | tin nhắn gốc"
    " | bản gốc | pesan asli | mesej asal | original message follows | 原始邮件 | 原始郵件 | 邮件原件"
    " | 回复的原邮件 | 回复的邮件 | 原件 | 元のメッセージ | 元のメール | オリジナルメッセージ | 원본 메시지"
    " | 원본 메일 | 원본메일 | הודעה מקורית | رسالة أصلية | الرسالة الأصلية | ข้อความต้นฉบับ | originalus laiškas"
    " | algne kiri | sākotnējais ziņojums"
)
FORWARDS = (
    "begin forwarded message | start of forwarded message | forwarded message | forwarded mail | forwarded email"
    " | weitergeleitete nachricht | weitergeleitete e-mail | weitergeleitete mail"
    " | anfang der weitergeleiteten nachricht | anfang der weitergeleiteten e-mail"
    " | beginn der weitergeleiteten nachricht | message transféré | message transmis | message réexpédié"
    " | courriel transféré | début du message réexpédié | début du message transféré | mensaje reenviado"
    " | correo reenviado | inicio del mensaje reenviado | inicia mensaje reenviado | missatge reenviat"
    " | mensagem encaminhada | mensagem reencaminhada | início da mensagem encaminhada"
    " | início da mensagem reencaminhada | messaggio inoltrato | inizio messaggio inoltrato"
    " | inizio del messaggio inoltrato | doorgestuurd bericht | begin doorgestuurd bericht"
    " | vidarebefordrat meddelande | vidarebefordrat mejl | vidarebefordrat mail | vidarebefordrat brev"
    " | videresendt besked | videresendt meddelelse | videresendt mail | start på videresendt besked"
    " | videresendt melding | videresendt e-post | begynnelse på videresendt melding | framsend skilaboð"
    " | välitetty viesti | edelleenlähetetty viesti | välitetty viesti alkaa | edelleenlähetetty viesti alkaa"
    " | przekazana wiadomość | wiadomość przekazana | przekazywana wiadomość | treść przekazanej wiadomości"
    " | początek przekazywanej wiadomości | początek przekazanej wiadomości | přeposlaná zpráva | předaná zpráva"
    " | začátek přeposílané zprávy | začátek přeposlané zprávy | preposlaná správa | začiatok preposlanej správy"
    " | továbbított üzenet | továbbított levél | továbbított levél kezdete | mesaj redirecționat"
    " | mesaj redirecţionat | mesaj redirectionat | mesaj transmis | începe mesajul redirecționat"
    " | proslijeđena poruka | prosleđena poruka | započni proslijeđenu poruku | posredovano sporočilo"
    " | пересылаемое сообщение | пересланное сообщение | перенаправленное сообщение | переадресованное сообщение"
    " | начало переадресованного сообщения | начало пересылаемого сообщения | переслане повідомлення"
    " | перенаправлене повідомлення | пересланий лист | початок листа, що пересилається"
    " | початок пересланого повідомлення | препратено съобщение | препратено писмо | προωθημένο μήνυμα"
    " | έναρξη προωθημένου μηνύματος | iletilen mesaj | iletilmiş mesaj | yönlendirilen ileti"
    " | yönlendirilmiş ileti | iletilen ileti | ileti başlangıcı | yönlendirilen mesaj | thư được chuyển tiếp"
    " | thư đã chuyển tiếp | tin nhắn được chuyển tiếp | bắt đầu thư được chuyển tiếp | pesan terusan"
    " | pesan yang diteruskan | mulai pesan yang diteruskan | mesej dimajukan | 转发的邮件 | 已转发的邮件"
    " | 转发邮件信息 | 转发邮件 | 开始转发的邮件 | 以下是转发的邮件 | 轉寄的郵件 | 已轉寄的郵件 | 轉寄郵件"
    " | 開始轉寄郵件 | 転送されたメッセージ | 転送メッセージ | 転送されたメール | 転送メール | 전달된 메시지"
    " | 전달된 메일 | 전달된 이메일 | 전달한 메시지 | הודעה שהועברה | תחילת ההודעה שהועברה | رسالة معاد توجيهها"
    " | الرسالة المعاد توجيهها | بدء الرسالة المعاد توجيهها | ข้อความที่ส่งต่อ | persiųstas laiškas"
    " | pārsūtīts ziņojums | edastatud kiri"
)
ORIGINAL = frozenset(ORIGINALS.split(" | "))
FORWARD = frozenset(FORWARDS.split(" | "))
HEADER_LINES = 30
LONGEST = 200  # characters of a line that may be a mark
FORWARDED_BY = re.compile(
    r"(?:forwarded|weitergeleitet|transféré|reenviado) (?:by|von|par|por) .{1,120}", re.IGNORECASE
)
RULE = re.compile(r"[-_=—*]{4,}|[-_=—]{3,}(?: [-_=—]{3,})*")
ABOVE_THIS_LINE = re.compile(
    r"(?:\W{2,8}\s*)?(?:please )?(?:(?:type|write|enter|add|leave) your (?:reply|response|answer)|reply|respond)"
    r"(?: to this (?:e-?mail|message|ticket))?(?: (?:by (?:typing|writing)))?(?: only)? above this line\b.{0,60}"
    r"|\W{2,8}\s*(?:bitte (?:antworten|schreiben) sie (?:ober|über)\w* .{0,40}(?:linie|zeile)"
    r"|(?:veuillez )?(?:répondre|écrire|saisir|répondez).{0,40}au[- ]dessus de cette ligne"
    r"|(?:por favor,? )?(?:responda|escriba|escribe|responde).{0,40}(?:encima|arriba) de esta línea"
    r"|(?:por favor,? )?(?:responda|digite|escreva).{0,40}acima (?:desta|da) linha"
    r"|(?:rispondi|scrivi|inserire?|digita).{0,40}sopra (?:a )?questa (?:riga|linea)"
    r"|(?:antwoord|typ|schrijf|reageer|plaats).{0,40}boven deze (?:regel|lijn)"
    r"|(?:skriv|svar|svara).{0,40}(?:over|ovenfor|ovanför) (?:denne|den här|denna) (?:linje|linjen|raden)"
    r"|(?:odpowiedz|wpisz).{0,40}(?:nad|powyżej) tę?j? lini).{0,60}",
    re.IGNORECASE,
)


def mark_of_history(lines: list[str], at: int) -> SegmentKind | None:
    """Whether the line says that a mail follows: `forward`, `quote`, None where it says nothing of the kind."""
    line = MARKS.sub("", lines[at])
    if len(line) > LONGEST or not line:
        return None
    before, words, after = _undecorated(line)
    named = " ".join(words.casefold().split())
    dashed = sum(before.count(sign) for sign in "-_=—–*~") >= 2
    if named in FORWARD and (dashed or ":" in after or "：" in after or _field_follows(lines, at)):
        return "forward"
    if dashed and FORWARDED_BY.fullmatch(words):
        return "forward"
    return "quote" if (named in ORIGINAL and dashed) or ABOVE_THIS_LINE.fullmatch(line) else None


def begins_mail(lines: list[str], at: int) -> bool:
    """Whether the line says that a mail follows, or is the first of its header."""
    if mark_of_history(lines, at):
        return True
    block = read_block([line.lstrip("> ") for line in lines[at : at + HEADER_LINES]], 0)
    return block is not None and block.evident


def _undecorated(line: str) -> tuple[str, str, str]:
    """What stands around the words of a mark, and the words."""
    words = line.strip("-_=—–*~>|:： \t\xa0")
    before, _, after = line.partition(words) if words else (line, "", "")
    return before, words, after


def _field_follows(lines: list[str], at: int) -> bool:
    """Whether a field of a header block stands at most one empty line below."""
    below = next((line for line in lines[at + 1 : at + 3] if line.strip("> ")), "")
    return read_field(MARKS.sub("", below)) is not None
