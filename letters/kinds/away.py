"""How mail programs tell that somebody is away, in the languages that they speak."""

import re

from letters.bounces.wording import begins_with

_ENDS = r"(?=\s{0,5}(?:[:：!;,(\[—–-]|$|re\b|aw\b|from\b))"

# Nobody writes these by hand above a mail of their own, so they count where the header is silent.
AUTOMATIC = re.compile(
    r"(?:"
    + begins_with(
        r"automatic reply|auto(?:matic)?[- ]?(?:reply|response|responder)|automated (?:reply|response)",
        r"out of (?:the )?office(?: (?:auto-?reply|reply|notification|notice|message|response|assistant))?",
        r"abwesenheits(?:notiz|nachricht|meldung|benachrichtigung|assistent)",
        r"automatische (?:antwort|beantwortung|rückantwort|reactie)|automatisch antwoord|afwezigheidsbericht",
        r"réponse automatique|notification d'absence|message d'absence|absence du bureau",
        r"respuesta automática|fuera de (?:la )?oficina|risposta automatica|fuori (?:sede|ufficio)",
        r"resposta automática|fora do escritório|resposta automàtica|erantzun automatikoa",
        r"autosvar|automatiskt? svar|frånvaromeddelande|fraværs?(?:melding|besked)|sjálfvirkt svar",
        r"automaattinen vastaus|poissaoloilmoitus|automaatvastus|automatinis atsakymas|automātiskā atbilde",
        r"automatyczna odpowiedź|autoodpowiedź|poza biurem|automatická odpově[dď]|automatick[áa] odpoveď",
        r"automatikus válasz|răspuns automat|automatski odgovor|samodejni odgovor|αυτόματη απάντηση",
        r"автоответ(?:чик)?|автоматический ответ|автоматична відповідь|автоматичен отговор",
        r"otomatik (?:yanıt|cevap)|תשובה אוטומטית|(?:ال)?رد (?:ال)?تلقائي|پاسخ خودکار|स्वचालित उत्तर",
        r"自动回复|自動回覆|自動応答|自動返信|不在通知|자동 ?(?:회신|응답)|부재중|ตอบกลับอัตโนมัติ",
        r"trả lời tự động|balasan otomatis|jawapan automatik",
    ).pattern
    + ")"
    + _ENDS,
    re.IGNORECASE,
)
# And these mean an absence where the header says that a machine answers.
AWAY = begins_with(
    r"(?:(?:re|aw|sv|antw)\s?:\s?)?.{0,40}\b(?:out[- ]of[- ](?:the )?office|on (?:vacation|holiday|leave)|away from)",
    r"(?:(?:re|aw|sv|antw)\s?:\s?)?(?:vacation|o{1,3}of?\b|i am away|abwesen|urlaub|nicht im (?:büro|haus))",
    r"absen[ct]|congés?\b|en (?:vacances|congé)|ausente|ausencia|ausência|vacaciones|férias|assen[tz]|in ferie|fuori",
    r"afwezig|vakantie|semester|frånvar|borta|ferie|fravær|poissa|loma|nieobecn|urlop|dovolen|nepřítomn|neprítomn",
    r"szabadság|concediu|odsutan|izinde|tatil|εκτός γραφείου|άδεια|отпуск|отсутств|нет на месте|відпустк|отпуска",
    r"休假|外出|不在|休暇|휴가|부재|בחופשה|خارج المكتب",
)


def says_automatic(subject: str) -> bool:
    """Whether a subject can only be that of an automatic answer."""
    return bool(AUTOMATIC.match(subject))


def says_away(subject: str) -> bool:
    """Whether a subject speaks of an absence, known that a machine wrote it."""
    return bool(AUTOMATIC.match(subject) or AWAY.match(subject))
