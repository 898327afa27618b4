"""Which charset bytes look like that declare none, or one that does not fit."""

import codecs
import re
from math import exp, log

SAMPLE = 64 * 1024  # bytes that a guess looks at
SURE = 0.6  # likeness from which on a guess counts
ASCII = bytes(range(128))
JAPANESE_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\$\([DOPQ]|\(I)[!-~]")
UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
MULTIBYTE = frozenset(
    ["utf-8", "gb18030", "cp932", "euc_jp", "euc_jis_2004", "cp949", "cp950", "big5hkscs", "johab", "shift_jis_2004"]
)

# Charsets of many signs: those that running text is full of, and their share of it.
KANA = re.compile("[\u3040-\u30ff、。]")
IDEOGRAPHIC: dict[str, tuple[re.Pattern[str], float]] = {
    "euc_jp": (KANA, 0.4),
    "cp932": (KANA, 0.4),
    "gb18030": (
        re.compile("[的一是了我不在人有他这个们中来上大为和国到以说时要就出会可也你对生能子那得于您请好谢，。]"),
        0.2,
    ),
    "cp950": (
        re.compile("[的一是了我不在人有他這個們中來上大為和國到以說時要就出會可也你對生能子那得於您請好謝，。]"),
        0.2,
    ),
    "cp949": (re.compile("[이다는을의에가를은고하지로한도사기리자시어안요니습]"), 0.25),
}

# Alphabets of their own: their letters, the most frequent first, each about a tenth rarer than the one before; and the
# usual mean of the logarithms of their shares in running text.
RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
ALPHABETS = {
    "koi8-r": (RUSSIAN, -3.05),
    "cp1251": (RUSSIAN, -3.05),
    "iso8859-5": (RUSSIAN, -3.05),
    "cp866": (RUSSIAN, -3.05),
    "cp1253": ("αοιετνσηυρπκςμλωδγίόάέήχθύώβφξζψϊϋ", -3.05),
    "cp1255": ("יוהלאמרתבשנעדכחםקפטסצזגןךףץ", -3.05),
    "cp1256": ("اليمونرتبةعدسفهكقأحجشصىخإطزذثضغئءظؤآ", -3.05),
    "cp874": ("านรกอเง่มยว้ัทิลตดะสีบหคปแจพขไใืุูช์ำโผถณ็ธศซษภญฟๆฐฎฏ", -3.6),
}
RANKS = {codec: {letter: at for at, letter in enumerate(letters)} for codec, (letters, _) in ALPHABETS.items()}
MOST_FREQUENT, FALL, UNKNOWN = 0.115, 0.9, 0.001
ALONE = re.compile(r"(?<![A-Za-z])[^\0-\x7f]{2,}(?![A-Za-z])")  # words that hold no Latin letter

# Letters beyond ASCII of languages in Latin script, by the charset that an undeclared text in them is in. Charsets
# that agree in a language's letters are told apart by nothing, and need not be: the text comes out the same.
WESTERN = ("áéíóúñü", "ãõçáéíóúâêôàü", "éèàêçùâîôûëïœ", "äöüß", "åäöæøé", "àèéìòù", "ëïéöü", "áéíóúýþðæö")
CENTRAL = ("áčďéěíňóřšťúůýž", "áäčďéíľĺňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţ")
BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "õäöüšž")
LATIN: dict[str, tuple[str, ...]] = {
    "cp1252": WESTERN,
    "cp1250": CENTRAL,
    "iso8859-2": CENTRAL,
    "cp1254": ("çğıöşüâîi̇",),
    "cp1257": BALTIC,
    "iso8859-13": BALTIC,
    "mac-roman": WESTERN,
    "cp850": WESTERN,
    "cp852": CENTRAL,
    "mac-latin2": CENTRAL,
}
COMMON_LATIN = frozenset({"cp1252", "cp1250", "iso8859-2"})
PUNCTUATION = frozenset("’‘“”„–—…•€£«»·°©®™§\xa0‚‹›¿¡ºª")
CAPITAL_INSIDE = re.compile("[a-z][À-ÝŒŠŽĄĆĘŁŃŚŹŻČĎĚŇŘŤŮŐŰ][a-z]")


def is_multibyte(codec: str) -> bool:
    """Whether characters of `codec` have several bytes, so that damage shows and does not pass for other letters."""
    return codec in MULTIBYTE


def has_japanese_escapes(data: bytes) -> bool:
    """Whether text in 7 bits shifts into Japanese; a terminal's colours and `ESC ( B` alone do not."""
    return b"\x1b" in data and data.isascii() and bool(JAPANESE_ESCAPES.search(data[:SAMPLE]))


def detect(data: bytes) -> str | None:
    """A guess, None where nothing speaks for any charset."""
    sample = data[:SAMPLE]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    high = len(sample.translate(None, ASCII))
    if not high:
        return None
    if sum(map(len, UTF_8.findall(sample))) > 0.8 * high:
        return "utf-8"
    scores = {codec: _signs(sample, codec) for codec in IDEOGRAPHIC} | {
        codec: _letters(sample, codec) for codec in ALPHABETS
    }
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > SURE else _latin(sample)


def _signs(data: bytes, codec: str) -> float:
    """How much the bytes read like running text in a charset of many signs: about 1 for such text."""
    text = _begun(data, codec)
    foreign = sum(sign > "\x7f" for sign in text)
    if foreign < 2:
        return 0.0
    common, share = IDEOGRAPHIC[codec]
    return len(common.findall(text)) / foreign / share


def _letters(data: bytes, codec: str) -> float:
    """How much the bytes read like running text in an alphabet: about 1 for such text."""
    text = _begun(data, codec)
    words = ALONE.findall(text)
    letters = "".join(words)
    if len(set(letters)) < 3 or len(letters) < sum(sign > "\x7f" for sign in text) / 2:
        return 0.0
    rank, usual = RANKS[codec], ALPHABETS[codec][1]
    natural = "".join(word[0].lower() + word[1:] for word in words)  # a capital inside a word counts as unknown
    shares = [MOST_FREQUENT * FALL ** rank[letter] if letter in rank else UNKNOWN for letter in natural]
    return exp(sum(map(log, shares)) / len(shares) - usual)


def _begun(data: bytes, codec: str) -> str:
    """The text of bytes that may end inside a character; empty where they do not fit."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data)
    except UnicodeDecodeError:
        return ""


def _latin(data: bytes) -> str | None:
    """The first charset in which the letters beyond ASCII are those of one language; in doubt cp1252, where it may be.

    Charsets that are no longer in use want the evidence of two letters.
    """
    best, winner = 0.95, None
    for codec in LATIN:
        text = _begun(data, codec)
        share, distinct = _share(text, codec)
        if share > best and (distinct > 1 or codec in COMMON_LATIN):
            best, winner = share, codec
    if winner:
        return winner
    share, _ = _share(data.decode("cp1252", "ignore"), "cp1252")
    return "cp1252" if share > 0.95 else None


def _share(text: str, codec: str) -> tuple[float, int]:
    """The share of the foreign letters that one language of the charset accounts for, and how many different ones."""
    foreign = [sign for sign in text.lower() if sign > "\x7f"]
    letters = [sign for sign in foreign if sign not in PUNCTUATION]
    if CAPITAL_INSIDE.search(text) or not foreign:
        return 0.0, 0
    if not letters:
        return 1.0, 0
    return max(sum(sign in language for sign in letters) for language in LATIN[codec]) / len(letters), len(set(letters))
