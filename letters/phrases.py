"""The words by which mail programs mark what is not new, in the languages that they speak."""

import re

# `On <when> <who> wrote:` — an opening word, something that looks like a date, a closing word and a colon.
_OPENING = r"am|op|den|il|le|el|em|dnia|w dniu|dne|в|на|pe|på|ti|pada|vào"
_CLOSING = (
    r"schrieb|geschrieben|schreef|het volgende geschreven|skrev|ha scritto|scriveva|a écrit|escribió|escribio|escreveu"
    r"|ha escrito|napisała|napisał(?:\(a\))?|pisze|napsal(?:\(a\))?|написал(?:а|\(а\))?|пишет|пише|написав|написа"
    r"|kirjoitti|a scris|menulis|đã viết"
)
_ADDRESS = r"<\s*[^<>@\s]+@[^<>@\s]+\s*>"
_INTROS = (
    r"(?:\S{0,3}\s*)?on\b.{6,300}\b(?:wrote|writes|said|posted)\s*:",
    rf"on\b.{{6,300}}{_ADDRESS}\s*wrote",
    rf"(?:{_OPENING})\b.{{6,300}}(?:{_CLOSING})\b.{{0,120}}?\s*:",
    # In any language: a number that may be of a date, an address, a colon at the end.
    rf".{{0,200}}\d.{{1,200}}{_ADDRESS}.{{0,60}}?[:：]",
    r".{0,40}\d{4}\s*[年/.-]\s*\d{1,2}\s*[月/.-]\s*\d{1,2}.{0,200}(?:写道|寫道|のメール|書きました|작성)\s*[:：]",
    r"quoting .{3,120}:",
    r"\S.{1,80} (?:wrote|writes|schrieb|schreibt|skrev|escribió|écrivait)\s*:",
)
INTRO = re.compile(r"\**(?:" + "|".join(_INTROS) + r")\**", re.IGNORECASE)
_DASHES = r"[-_=—–*]{2,}\s*"
ORIGINAL_MARK = re.compile(
    _DASHES + r"(?:original (?:message|e-?mail|appointment)|reply message|ursprüngliche (?:nachricht|e-?mail)"
    r"|originalnachricht|original-nachricht|message d'origine|message original|mensaje original|mensagem original"
    r"|messaggio originale|oorspronkelijk bericht|origineel bericht|original ?meddelande|ursprungligt meddelande"
    r"|oprindelig (?:meddelelse|besked)|opprinnelig melding|alkuperäinen viesti|wiadomość oryginalna"
    r"|oryginalna wiadomość"
    r"|původní (?:zpráva|e-mail)|исходное сообщение|пересылаемое сообщение|eredeti üzenet|özgün ileti|orijinal mesaj"
    r"|原始邮件|原始郵件|邮件原件|元のメッセージ|original message follows|원본 메시지)\s*(?:" + _DASHES + r")?",
    re.IGNORECASE,
)
FORWARD_MARK = re.compile(
    r"(?:" + _DASHES + r")?(?:begin forwarded message|forwarded message|forwarded by .{1,100}|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten (?:nachricht|e-mail)|message transféré|début du message (?:réexpédié|transféré)"
    r"|mensaje reenviado|inicio del mensaje reenviado|mensagem (?:encaminhada|reencaminhada)|messaggio inoltrato"
    r"|inizio messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|videresendt (?:besked|melding)"
    r"|przekazana wiadomość|转发的邮件|轉寄的郵件|転送されたメッセージ|пересылаемое сообщение)\s*:?\s*(?:"
    + _DASHES
    + r")?:?",
    re.IGNORECASE,
)
RULE = re.compile(r"[-_=]{4,}")
LIST_RULE = re.compile(r"[-_=]{20,}")
LIST_FOOTER = re.compile(r"mailing list|mailman|listinfo|unsubscribe|list archive", re.IGNORECASE)

# A field of the header block above a quote; the group says which field it is.
FIELD = re.compile(
    r"[*_>|\s]*(?:(?P<sender>from|von|de|da|van|från|fra|od|от|lähettäjä|发件人|寄件者|差出人|보낸 사람)"
    r"|(?P<date>sent|date|gesendet(?: am)?|datum|dato|message du|envoyé(?: le)?|enviado(?: el| em)?|fecha|data|inviato"
    r"|verzonden|skickat|sendt|wysłano|отправлено|дата|发送时间|寄件日期|日期|送信日時|日時|보낸 날짜)"
    r"|(?P<to>to|an|à|a|para|aan|till|til|do|кому|收件人|收件者|宛先|받는 사람)"
    r"|(?P<cc>cc|kopie|copie(?: à)?|kopia|kopi|копия|抄送|副本|참조)"
    r"|(?P<subject>subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|主题|主旨|件名|제목)"
    r"|(?P<reply_to>reply-to|antwort an|importance|wichtigkeit|attachments|anlagen))\s*\**\s*[:：](?!//)",
    re.IGNORECASE,
)

SIGNATURE_MARK = re.compile(r"--|__|--\s*--?")
_SENT = (
    r"(?:sent|get|gesendet|von meinem|envoyé|enviado|inviato|verzonden|skickat|sendt|wysłane|отправлено|lähetetty)\b"
)
_DEVICE = (
    r"iphone|ipad|ipod|ios|android|samsung|galaxy|huawei|blackberry|nokia|outlook|mobile|mobil\w*|phone|handy|smartphone"
    r"|tablet|telefon\w*|teléfono|móvil|yahoo|mail|proton|windows"
)
SENT_FROM = re.compile(
    rf"{_SENT}(?=.{{0,80}}\b(?:{_DEVICE})\b)[^,;!?]{{3,140}}|sent from my [^,;!?.]{{2,30}}"
    r"|diese nachricht wurde von .{3,60} gesendet\.?"
    r"|iphoneから送信|发自我的.{1,20}|從我的.{1,20}傳送|나의 .{1,20}에서 보냄",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"[*_\s]*(?:(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication)\b.{0,120}"
    r"\b(?:confidential|privileged|intended (?:solely|only))"
    r"|(?:confidentiality (?:notice|note)|disclaimer)\s*[:.]"
    r"|diese (?:e-?mail|nachricht)\b.{0,120}\bvertraulich|ce (?:message|courriel)\b.{0,160}\bconfidentiel"
    r"|este (?:mensaje|correo|e-?mail)\b.{0,160}\bconfidencial)",
    re.IGNORECASE,
)
