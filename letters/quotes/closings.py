"""The words by which people end a mail, as regular expressions; a line that is nothing else is a closing."""

import re

CLOSINGS = (
    # English
    (
        r"(?:with )?(?:(?:my|our|the|very|many|much) )?(?:best|kind|kindest|warm|warmest|cordial|friendly|good)"
        r"(?: and (?:kind|warm))?(?: (?:personal )?(?:regards?|wishes))?"
        r"|(?:many )?(?:thanks|thank you|thx) (?:and|&|with) (?:best |kind |warm )?regards|regards?|b?rgds"
        r"|b\.?rgds|kr|br"
        r"|bst rgds|all (?:the )?best|cheers|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)"
        r"|respectfully(?: yours)?|cordially|take care|(?:with )?(?:best|warm) greetings|greetings|greetz"
    ),
    # German
    (
        r"(?:mit )?(?:(?:den )?(?:viele|besten?|freundliche[nm]?|lieben?|herzlichen?|schönen?|vielen?|sonnigen?) ){1,3}"
        r"(?:grü(?:ß|ss)en?|gruessen?|gru(?:ß|ss)|empfehlungen|dank und grü(?:ß|ss)en?)(?: (?:aus|von|nach) [^\W\d]+)?"
        r"|(?:grü(?:ß|ss)e|gru(?:ß|ss)|gruesse)(?: (?:aus|von|nach) [^\W\d]+)?|m\.?f\.?g\.?|lg|vg|bg|hg"
        r"|hochachtungsvoll"
    ),
    # French
    (
        r"(?:bien |très |tres )?cordialement(?: vôtre)?|bien [àa] (?:vous|toi)|amicalement|cdt|cdlt|bàv"
        r"|(?:avec mes )?(?:meilleures|sincères|cordiales|respectueuses) salutations|salutations(?: distinguées"
        r"| cordiales)?"
        r"|(?:veuillez agréer|je vous prie d[’']agréer|recevez).{0,110}salutations(?: distinguées| les meilleures)?"
    ),
    # Spanish, Catalan, Portuguese, Italian, Romanian
    (
        r"(?:un )?(?:(?:cordial|afectuoso) )?saludos?(?: cordial(?:es)?)?|(?:muchos )?(?:cordiales|atentos) saludos"
        r"|atentamente|atte|un abrazo|cordialmente|saluts?(?: cordials)?|atentament"
    ),
    r"(?:(?:com )?os (?:meus )?|com )?(?:melhores )?cumprimentos|atenciosamente|att|abraços?",
    r"(?:cordiali|distinti|cari|migliori|un cordiale|un) salut[io]|saluti|cordialità",
    r"cu (?:stim[ăa]|respect|drag)|toate cele bune|o zi bună|numai bine",
    # Dutch, Danish, Norwegian, Swedish, Icelandic, Finnish
    r"(?:met )?(?:vriendelijke|hartelijke|beste|warme) groet(?:en|jes)?|hoogachtend|groeten?|groetjes|m\.?v\.?g",
    (
        r"(?:med )?(?:venlig(?:e|ste)?|de (?:bedste|venligste)|kærlig|hjertelig|bed?ste|vennlige?|vänliga?|bästa"
        r"|hjärtliga"
        r"|många|mange|varm[ea]?) (?:hils(?:en|ener|ner|inger|ninger)|h[äa]lsning(?:ar)?)|hilsen|hilsner"
        r"|hälsningar|mvh|vh"
        r"|dbh|kh|vänligen|(?:bestu )?kveðj(?:a|ur)"
    ),
    r"(?:ystävällisin|parhain) terveisin|ystävällisin|parhain|terveisin|terv|yst\.? ?terv",
    # Polish, Czech, Slovak, Hungarian, South Slavic, Baltic
    (
        r"(?:serdecznie )?pozdrawiam(?: serdecznie)?|z powa[zż]aniem|(?:serdeczne |łączę )?pozdrowienia|pozdr"
        r"|z wyrazami szacunku"
    ),
    r"se? (?:srdečným |přátelským )?pozdrav[eo]m|s úctou|(?:hezký|pekný|krásný) den",
    r"(?:szívélyes )?üdvözlettel|tisztelettel|üdv|köszönettel(?: és üdvözlettel)?",
    r"(?:(?:srdačan|lijep|lep) )?pozdravi?|s s?poštovanjem|lp|lugupidamisega|pagarbiai|ar cieņu",
    # Russian, Ukrainian, Bulgarian, Serbian, Greek, Turkish
    (
        r"(?:с )?(?:уважением|наилучшими пожеланиями)|с (?:уважение|поздрав|почит|повагою)|з повагою"
        r"|всего (?:доброго|хорошего|наилучшего)|(?:хорошего|доброго) дня|поздрави?|с најбољим жељама"
    ),
    r"με (?:εκτίμηση|φιλικούς χαιρετισμούς)|χαιρετισμούς",
    r"saygılarıml?a|saygılarımızla|iyi (?:çalışmalar|günler)|selamlar|sevgiler|kolay gelsin",
    # Vietnamese, Indonesian, Chinese, Japanese, Korean, Hebrew, Arabic, Thai
    r"(?:trân trọng|thân ái|thân mến|kính thư)(?: kính chào)?|hormat (?:saya|kami)|salam(?: hormat)?",
    (
        r"此致 ?(?:敬礼)?|敬礼|祝好|祝商祺|顺祝商祺|順頌商祺|敬上|谨上|敬具"
        r"|(?:以上[、,]?)?よろしくお願い(?:いた)?します|以上"
        r"|감사합니다[. ]*드림|드림|올림"
    ),
    r"בברכה|בברכת|בכבוד רב|مع (?:أطيب التحيات|تحياتي)|تحياتي|وتفضلوا بقبول فائق الاحترام|ขอแสดงความนับถือ",
)
PICTURES = "[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f:;)(-]"
CLOSING = re.compile(rf"[*_]*(?:{'|'.join(CLOSINGS)})[*_]*\s*[,.!;،、，。]{{0,3}}\s*{PICTURES}{{0,6}}", re.IGNORECASE)
THANKS = re.compile(
    r"[*_]*(?:(?:many |with )?(?:thanks?|thank you|thx|ty)(?: you)?(?: (?:so much|very much|a lot|again"
    r"|in advance|much))?"
    r"|(?:vielen |besten |herzlichen |schönen )?danke?(?: im voraus| vorab)?|merci(?: d'avance| beaucoup| bien)?"
    r"|(?:muchas )?gracias(?: de antemano)?|grazie(?: mille| in anticipo)?|(?:muito )?obrigad[oa]"
    r"|(?:alvast |hartelijk )?bedankt|dank u(?: wel)?|tack|takk?|dziękuję|dzięki|děkuji|ďakujem|köszönöm|mulțumesc"
    r"|спасибо|дякую|благодаря|teşekkürler|kiitos)[*_]*\s*[,.!;]{0,3}",
    re.IGNORECASE,
)
