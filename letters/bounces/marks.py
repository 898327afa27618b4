"""The words by which mail systems say that a mail did not arrive, and those above the copy that they return."""

import re

from letters.bounces.wording import any_of

_MAIL = r"(?:e-?mail|mail|message|letter)s?"
_NOT = r"(?:not|n't|cannot) (?:yet )?(?:been |be )?(?:successfully )?(?:able to )?"

# Opens the part that names the recipients. One phrase makes no bounce: a person may quote it.
FAILED = any_of(
    rf"{_NOT}(?:deliver|sen[dt]\b|reach|receive (?:a copy of )?(?:your|this) {_MAIL})",
    r"(?:unable|failed|inability|failure|errors?|trouble|problems?) (?:to |while |in |when |with |during )?"
    r"(?:attempting to |trying to )?(?:the )?deliver",
    r"deli?e?very (?:[\w()'./-]{1,30} ){0,6}(?:failed|failure|aborted|delayed|impossible|errors?|problems?)",
    rf"{_MAIL} (?:was |is )?undeliver",
    rf"{_MAIL} that you (?:have )?sent (?:could|was|cannot)",
    rf"return(?:ed|ing) (?:your )?{_MAIL}",
    r"undeliverable (?:mail|message|address|to)",
    r"had (?:permanent|transient) (?:non-)?(?:fatal|delivery) errors|have delivery notifications",
    r"failed addresses|failed recipients?|failure reasons?|failed permanently|non-delivered information",
    r"following (?:[\w()]{1,30} ){0,3}(?:failed|affected|rejected)",
    r"recipient\(?s?\)? (?:were affected|could not be reached|failed|did not)",
    r"each of the following recipients|intended recipient|no valid recipients|invalid final delivery",
    r"automatically rejected|transcript of (?:the )?session|session transcript|reason of the delivery failure",
    r"(?:address|recipient|domain .{1,80}) (?:couldn't|wasn't|could not) be found|could not be processed",
    r"this is (?:the (?:qmail|postfix|dragonfly|deliver|mailer|mail system)|an automatically generated delivery)",
    r"(?:user|recipient)'?s? mailbox (?:is full|exceeds)",
    rf"{_MAIL} .{{0,60}}(?:has been|was) (?:blocked|rejected|refused|bounced)",
    r"not going to try again|message expired|rejected recipient",
    # German, French, Spanish, Italian, Portuguese
    r"nicht (?:zugestellt|übermittelt|gesendet|erreicht)|unzustellbar",
    r"zustell\w{0,20}.{0,40}(?:fehlgeschlagen|nicht möglich)|konnte .{0,80}nicht zugestellt",
    r"(?:n'a|n'ont) (?:pas|pu).{0,30}(?:remis|délivré|distribué|livré|envoyé)|non (?:remis|délivré|distribu)",
    r"échec de (?:la )?(?:remise|livraison|distribution)|impossible de (?:remettre|livrer|distribuer)",
    r"no (?:se )?(?:pudo|ha podido|puede|fue|ha sido) (?:ser )?(?:entreg|envi)|no entregado|error (?:de|al) entrega",
    r"non (?:è stato |ha potuto |può )?.{0,20}(?:recapitat|consegnat)|impossibile (?:recapitare|consegnare)",
    r"não (?:pôde|foi|pode) (?:ser )?(?:entreg|envi)|falha (?:na|de) entrega",
    # Dutch, Swedish, Danish and Norwegian, Polish, Russian, Ukrainian
    r"niet (?:worden )?(?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres",
    r"nie (?:można|mógł|udało).{0,30}(?:dostarcz|doręcz)|nie dostarczon",
    r"не (?:может|могло|было|удалось).{0,30}доставл?|не доставлен|недоставлен|не вдалося доставити",
    # Japanese, Chinese, Korean
    r"配信(?:でき|不能|されません|エラー|に失敗)|配送(?:でき|不能)|送信できません|送達できません|お届けできません",
    r"届きませんでした|エラーメール|退信|无法(?:投递|送达|发送)|無法(?:投遞|送達|傳送)|投递失败|배달(?:되지|할 수)",
)
DELAYED = any_of(
    r"warning message only|no action is required on your part|you do not need to (?:re-?send|take any action)",
    r"(?:will|does|shall) (?:keep|continue) (?:on )?(?:trying|to try|to be (?:made|tried))|attempts will continue",
    r"will be (?:retried|tried again)|will (?:retry|try again)|we will keep",
    r"has been (?:delayed|postponed)|not yet been delivered",
    r"still undelivered after|this is just a warning|advisory-only",
    r"wird weiter(?:hin)? versucht|nouvelle tentative|se seguirá intentando",
)
ARRIVED = any_of(
    r"(?:has been|was|were) successfully (?:delivered|relayed|sent)",
    r"successfully (?:delivered|relayed) to the following|delivered to the following recipients?\b",
    r"delivery to the following recipients? (?:was|is) (?:complete|successful)",
)

# What stands below is the mail that came back. Exchange has "Original Message Details" in the middle of its own words.
COPY = re.compile(
    r"[\s*=#_>|-]{0,100}(?:"
    + any_of(
        r"(?:below|above|here|this|attached|enclosed|included|following)\b.{0,30}\b(?:copy|headers?|text) of",
        r"a copy of (?:the|your) original|(?:the )?header of (?:the )?original|first \d{1,4} lines of",
        r"here is your returned mail|(?:begin|start) of returned|returned (?:mail|message)|unsent message",
        r"(?:message|mail) (?:text|headers?|body) follows?|end of message|old message|-- the header",
        r"your (?:original )?message (?:reads|follows)|original (?:e-?mail|mail|message)|forwarded message",
        r"kopie der nachricht|ursprüngliche nachricht|originalnachricht|copie (?:du|de votre) message",
        r"message (?:original|d'origine)|mensaje original|messaggio originale|mensagem original",
        r"исходное (?:сообщение|письмо)|元のメッセージ|原始邮件",
    ).pattern
    + r")(?!.{0,20}details)",
    re.IGNORECASE,
)
RETURNED_FIELD = re.compile(
    r"(?:received|return-path|dkim-signature|arc-seal|arc-message-signature|delivered-to|message-id|mime-version"
    r"|authentication-results|domainkey-signature)[ \t]*:",
    re.IGNORECASE,
)
ANY_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}[ \t]*:|[ \t]{1,40}\S")
ECHOED_FIELD = re.compile(
    r"[\s>*]{0,40}(?P<name>from|subject|date|sent|sent on|message-id|cc|reply-to|size|x-mailer|return-path|sender"
    r"|original sender|betreff|objet|asunto|oggetto|assunto|件名|absender)\s*:(?P<value>.*)",
    re.IGNORECASE,
)
