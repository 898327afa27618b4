"""Why mail did not arrive, in the words of mail systems, and the codes of RFC 3463 that mean the same."""

import re

from letters.bounces.wording import any_of

SAID_LIMIT = 4000  # characters of an answer that are searched
NAMES = re.compile(r"\S{1,300}@\S{1,300}|https?://\S{1,300}")  # what an address or a link is called gives no reason

FULL = any_of(
    r"(?:mail ?box|inbox|account|user|quota|postfach|bo[iî]te|casella|buz[oó]n|caixa)\b.{0,60}"
    r"(?:\bfull\b|voll\b|pleine|piena|llen[oa]|cheia|over ?quota|exceed)",
    r"over (?:the |its |their )?(?:disk )?quota|over ?quota|quota .{0,20}exceed|disk quota|storage (?:limit|quota)",
    r"exceed\w{0,5} .{0,40}(?:quota|storage|mailbox)|out of storage",
    r"insufficient (?:disk|storage)|not enough (?:storage|space|disk)|mailbox full|переполнен|容量|いっぱい",
)
SENDER = any_of(r"sender (?:address |domain )?rejected|sender verif|invalid sender|domain of sender")
DISABLED = any_of(
    r"account\b.{0,40}(?:disabled|suspended|locked|inactive|deactivated|closed|expired|limited)",
    r"mailbox\b.{0,20}(?:disabled|inactive|suspended|unavailable)",
    r"disabled (?:recipient|account|mailbox|user)|user is inactive|restricted sms",
)
NO_MAIL = any_of(r"does not accept (?:any )?(?:e-?)?mail|null ?mx|refuses to (?:receive|accept) (?:any )?(?:e-?)?mail")
HOST = any_of(
    r"host (?:or domain name )?(?:not found|unknown|lookup)|unknown (?:host|domain)|no such (?:domain|host)",
    r"domain\b.{0,100}(?:couldn.t be found|not (?:be )?found|not exist|n't exist|unknown|invalid)",
    r"unroute?able|name service error|no mx record|mail exchanger|nxdomain|cannot resolve|dns error",
    r"bad destination (?:host|system)|can.?t find .{0,60}(?:host|mx|server)|name or domain .{0,40}not",
)
MOVED = any_of(r"has moved|no longer (?:at|with|works|valid|active|available|in use|employed)|forwarding address")
USER = any_of(
    r"user(?:name)?\(?s?\)?\s{1,5}(?:is )?(?:unknown|not (?:found|known|listed|exist|local))",
    r"unknown (?:user|recipient|address|mailbox|local|e-?mail|account|to )|not listed in",
    r"no such (?:user|person|address|mailbox|recipient|account|local|e-?mail|name)|no mailbox|no user",
    r"not? (?:a )?valid (?:recipient|user|mailbox|address)|invalid (?:recipient|address|mailbox|user|final delivery)",
    r"(?:recipient|user|account|mailbox|address|name|group|alias|inbox)\w{0,3}\b.{0,80}"
    r"(?:not exist|n't exist|not (?:be )?found|(?:n't|nnot) be found|not recogni[sz]ed|not known|not valid|unknown"
    r"|invalid)",
    r"doesn't have an? .{0,60}account|bad destination mailbox|recip(?:ient)?notfound|addressee unknown",
    r"address ?not ?found|adresse?\b.{0,60}(?:invalide|inconnue|unbekannt|ungültig)",
    r"(?:empfänger|benutzer|destinataire|utilisateur)\b.{0,40}(?:unbekannt|existiert nicht|inconnu)",
    r"unbekannter (?:empfänger|benutzer)",
    r"(?:usuario|usuário|utente|destinatario|destinatário)\b.{0,40}"
    r"(?:no existe|desconocid|inexistente|desconhecid|sconosciut|não existe)",
    r"не (?:найден|существует)|見つかりません|存在しません|不明|不存在",
)
SIZE = any_of(
    r"(?:message|mail|size|attachment|header)s?\b.{0,60}(?:too (?:big|large)|exceed)",
    r"exceed\w{0,5} .{0,60}(?:size|limit)|too (?:big|large)\b|sizelimit",
)
LOOP = any_of(r"too many hops|mail loop|loops back|loop detected|hop count|routing loop")
POLICY = any_of(
    r"spam|black ?list|block ?list|blocked|dnsbl|\brbl\b|policy|politique|virus|banned|reputation|unsolicited",
    r"\bdmarc\b|\bspf\b|\bdkim\b|relay(?:ing)? (?:access )?(?:denied|not|prohibited)|unable to relay|moderated",
    r"not authori[sz]ed|denied|not permitted|not allowed|permission|prohibited|rejected|restricted",
    r"(?<!connection )refused (?:by|due|to accept)|does not like recipient",
)
NETWORK = any_of(
    r"connection (?:refused|reset|timed|lost)|connect to .{0,80}(?:refused|timed)|establish an smtp connection",
    r"(?:unable to|failed to|could not|couldn't|cannot) connect|no route to host|unreachable|socket error",
    r"did not accept our request|network (?:error|problem)|operation timed",
)
EXPIRED = any_of(
    r"expired|timed? ?out|retry time|retries|too long|(?:giving|gave|given) up|attempts|after \d{1,4} (?:day|hour)s?",
    r"\bdeferred\b|\bdelayed\b|still undelivered|postponed|temporar|try again|will (?:be retried|keep trying)",
)
SYSTEM = any_of(r"system error|service (?:currently )?unavailable|internal error|configuration error|i/o error")

# The first that fits wins: a full mailbox is also retried, a user unknown also rejected. With each the class that it
# has where no reply code gives one, and subject and detail.
REASONS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (FULL, "4", "2.2"),
    (SENDER, "5", "7.1"),
    (DISABLED, "5", "2.1"),
    (NO_MAIL, "5", "1.10"),
    (HOST, "5", "1.2"),
    (MOVED, "5", "1.6"),
    (USER, "5", "1.1"),
    (SIZE, "5", "3.4"),
    (LOOP, "5", "4.6"),
    (POLICY, "5", "7.1"),
    (NETWORK, "4", "4.1"),
    (EXPIRED, "4", "4.7"),
    (SYSTEM, "5", "3.0"),
)


def class_and_rest(said: str) -> tuple[str, str] | None:
    """(`5`, `1.1`): the class that the words alone suggest, and subject and detail; None for words not known."""
    said = NAMES.sub("", " ".join(said[:SAID_LIMIT].split()))
    return next(((usual, rest) for words, usual, rest in REASONS if words.search(said)), None)
