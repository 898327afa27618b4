"""`On … Ann wrote:` in the languages of mail programs, on one line or wrapped over several."""

import re
from dataclasses import dataclass

from letters.quotes.fields import ADDRESS, MARKS, TIME, YEAR

INTRO_LINES = 5  # an intro is wrapped over so many lines at most
INTRO_LIMIT = 500  # characters

VERBS = (
    "wrote|writes|said|posted|has written|schrieb(?:en)?|schreibt|geschrieben|schreef|schrijft|skrev|skriver"
    "|ha scritto|scrive|scrisse|scriveva|a écrit|a ecrit|écrivait|écrit|escribió|escribio|ha escrito|escribe"
    r"|va escriure|escreveu|escreve|napisała|napisał|napisał\(a\)|pisze|napsal|napsala|napsal\(a\)|napsal/a|píše"
    r"|napísal|napísala|napísal\(a\)|napísal/a|írta|ezt írta|írta a következőt|a scris|napisao|napisala"
    r"|napisao/la|je napisal|je napisala|написал|написала|написал\(а\)|пишет|писал|писала|написав|написала|пише"
    "|написа|написао|napisa|έγραψε|έγραψαν|γράφει|yazdı|yazmış|kirjoitti|kirjutas|rašė|parašė|rakstīja|skrifaði"
    "|đã viết|menulis|bertulis|idatzi du|scribeva|wrote below|ने लिखा|เขียนว่า"
)
VERBS_UNSPACED = (
    "写道|寫道|写到|のメール|書きました|書いた|のメッセージ|작성|작성했습니다|썼습니다|님이 쓴 글|تمت كتابة|כתב"
    "|כתבה|כתב/ה|מאת|كتب|كتبت|نوشت"
)
OPENINGS = (
    r"on|am|le|el|op|den|d\.|il|em|em seg|dnia|w dniu|dne|dňa|on date|в|на|у|pe|pe data|la data|på|pada|vào"
    "|vào lúc|lúc|dana|dne|στις|στην|ti|il giorno|il giorno|em data|at|le jour|kl|il dì|den|في|ב|בתאריך"
)
VERB = re.compile(rf"(?<!\w)(?:{VERBS})(?!\w)|{VERBS_UNSPACED}", re.IGNORECASE)
STARTS = re.compile(
    rf"[-\s*_\"'>]{{0,6}}(?:(?:{OPENINGS})(?!\w)[^\n]{{0,40}}?\d|\d{{1,4}}(?:[-./年]|\s?\.?\s[^\W\d])"
    r"|\w{2,12}[.,]{0,2}\s+\d{1,2}(?![:.]?\d))",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\d{1,4}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,4}|\d{4}\s?[年년]|\b(?:19|20)\d\d\b|\d{1,2}\.?\s(?:de\s)?[^\W\d]{3,12}"
    r"|[^\W\d]{3,12}\.?\s\d{1,2}\b"
)
CLOSED = re.compile(r"[:：]\s*[*_]{0,4}$|\bwrote\s*[*_]{0,4}$|\s-{2,6}$")
DASHED = re.compile(r"-{2,6}\s.{10,400}\s-{2,6}")  # Zoho
SPEAKER = re.compile(
    r"(?<!\w)(?:I|I've|we|ich|wir|j'ai|j’ai|je|nous|ik|wij|jag|jeg|eg|ho|abbiamo|he|hemos|eu|yo|ja|я|мы|ми|ben|ego|my"
    r"|your \w+|the \w+|ihr \w+|votre \w+)(?!\w)"
)
QUOTING = re.compile(r"(?:quoting|zitat von|citando|citando a|quoting from|citation de|cytat) .{3,120}", re.IGNORECASE)
TAIL = 130  # characters between the verb, or the address, and the colon


@dataclass(frozen=True, slots=True)
class Intro:
    """Lines `start` to `end`. `certain`: no prose reads so, and what follows is a quote even without marks."""

    start: int
    end: int
    certain: bool


def closes_intro(line: str) -> bool:
    """Whether an intro may end with this line."""
    return bool(line) and len(line) <= INTRO_LIMIT and bool(CLOSED.search(line))


def read_intro(lines: list[str], last: int, first: int) -> Intro | None:
    """The intro whose last line is `last` and that begins at `first` or below it."""
    marked = lines[last].startswith(">") and not _open_address(lines, last)
    found: Intro | None = None
    for start in range(last, max(first, last - INTRO_LINES + 1) - 1, -1):
        line = lines[start]
        if not line.strip("> ") or (start < last and line.startswith(">") is not marked):
            break
        text = MARKS.sub("", " ".join(line.lstrip("> ") if marked else line for line in lines[start : last + 1]))
        if len(text) > INTRO_LIMIT:
            break
        if not is_intro(text):
            continue
        if found is None or _open_address(lines, found.start):
            found = Intro(start, last + 1, certain=is_certain(text))
        if start > first and _open_address(lines, start):
            continue
        if STARTS.match(line) or (ADDRESS.search(line) and DATE.search(line)):
            return Intro(start, last + 1, certain=is_certain(text))
    return found


def is_intro(text: str) -> bool:
    """Whether a line reads so; prose may as well, unless it `is_certain`."""
    if DASHED.fullmatch(text):
        return bool(VERB.search(text))
    if QUOTING.fullmatch(text):
        return True
    address = _last(ADDRESS, text)
    if address and len(text) - address.end() <= TAIL // 2 and (DATE.search(text) or TIME.search(text)):
        return True
    verb = _last(VERB, text)
    if not verb or len(text) - verb.end() > TAIL or verb.start() < 2:
        return False
    return bool(DATE.search(text) or TIME.search(text) or address) or len(text) - verb.end() <= 3


def is_certain(text: str) -> bool:
    """Whether only a program writes so: a date with an address or a time of day, and nobody speaks of himself."""
    if DASHED.fullmatch(text):
        return True
    dated = bool(DATE.search(text))
    address = ADDRESS.search(text)
    if address and dated and (VERB.search(text) or (TIME.search(text) and (text[0].isdigit() or STARTS.match(text)))):
        return True
    if SPEAKER.search(text) or not VERB.search(text) or not dated:
        return False
    return bool(TIME.search(text) or (YEAR.search(text) and STARTS.match(text))) and len(text) <= 200


def _open_address(lines: list[str], at: int) -> bool:
    """Whether the `>` of this line closes an address that was wrapped, and marks no quote."""
    return at > 0 and lines[at - 1].rfind("<") > lines[at - 1].rfind(">")


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found
