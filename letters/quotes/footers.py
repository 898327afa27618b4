"""What nobody wrote for this mail: legal notices, warnings of a mail gateway, footers of lists and virus scanners."""

import re

PARAGRAPH_LIMIT = 3000  # characters of a paragraph that are looked at
LEGAL_LEAST = 80  # characters
LIST_LINES = 30  # lines that a list's footer has at most
LIST_RULE = re.compile(r"[-_=]{20,}")
LIST_FOOTER = re.compile(
    r"mailing list|mailman|listinfo|list archive|unsubscribe|abbestellen|désabonner|désinscri|cancelar (?:la"
    r"|su) suscrip|darse de baja"
    r"|annulla l'iscrizione|disiscri|afmelden|avregistrera|afmeld|wypisa|odhlásit|отписаться|退订|配信停止",
    re.IGNORECASE,
)
HEADING = re.compile(
    r"[*_\W]{0,6}(?:confidentiality(?: notice| note)?|confidential(?: communication)?|(?:legal "
    r"|e-?mail )?disclaimer|legal notice|privileged and confidential"
    r"|haftungsausschluss|rechtliche(?:r)? hinweise?|vertraulichkeitshinweis|avis de confidentialité"
    r"|clause de confidentialité|aviso legal|aviso de confidencialidad"
    r"|aviso de confidencialidade|avviso di riservatezza|nota di riservatezza|vertrouwelijkheidsclausule|sekretess"
    r"|klauzula poufności|конфиденциальность|免责声明)"
    r"[*_\W]{0,4}",
    re.IGNORECASE,
)
# Stems of legal notices, one set a thing they say; a notice says several of them in one breath.
SAYINGS = tuple(
    re.compile(stems, re.IGNORECASE)
    for stems in (
        (
            r"confiden[tc]|vertraulich|vertrouwelijk|riservat|fortrolig|konfidential|konfidentiell|luottamukselli"
            r"|poufn|důvěrn|dôvern|bizalmas|конфиденц|конфіденц"
            r"|поверител|εμπιστευτικ|gizli|bảo mật|rahasia|保密|机密|機密|機密情報|기밀|סודי|سري|privileged|proprietary"
        ),
        (
            r"intended (?:solely |only |exclusively )?(?:for|recipient)|(?:sole|exclusive) use|addressee"
            r"|named (?:recipient|above)|bestimmt|empfänger|adressat"
            r"|destinataire|destinatari|geadresseerde|ontvanger|bestemd|modtager|mottaker|mottagare|vastaanottaja"
            r"|adresat|příjemc|príjemc|címzett|адресат|получател"
            r"|одержувач|получател|παραλήπτ|alıcı|người nhận|penerima|收件人|受信者|宛先|수신인|נמען|المرسل إليه"
        ),
        (
            r"unauthori[sz]ed|prohibited|disclos|dissemin|distribut|unbefugt|nicht gestattet|untersagt|weitergabe"
            r"|interdit|divulgation|reproduction|prohibid|divulga"
            r"|proibid|vietat|diffusion|verboden|openbaarmaking|forbudt|förbjud|kielletty|zabronion|rozpowszechni"
            r"|zakázán|tilos|запрещ|заборон|забранен|απαγορεύ|yasak"
            r"|nghiêm cấm|dilarang|禁止|금지|אסור|محظور"
        ),
        (
            r"(?:received|receive|got) (?:this|it).{0,40}(?:in error|by mistake)|irrtümlich|versehentlich|par erreur"
            r"|por error|por engano|per errore|onterecht|ten onrechte|ved en fejl"
            r"|ved en feil|av misstag|felaktigt|virheellisesti|omyłkow|pomyłk|omylem|tévedés|ошибк|помилков|грешка"
            r"|λάθος|yanlışlıkla|nhầm|kesalahan|错误|誤って|잘못|בטעות|عن طريق الخطأ"
            r"|in error|by mistake"
        ),
        (
            r"(?:notify|inform|contact|advise) (?:the sender|us)|delete|destroy|informieren sie|löschen|vernichten"
            r"|prévenir|avertir|détrui|supprim|notif|elimin|borr|apag|cancell|avvis"
            r"|verwijder|vernietig|slet|slett|radera|poista|usun|usuń|smaž|vymaž|törölje|удалит|уничтож|видал|изтри"
            r"|διαγράψ|siliniz|xóa|hapus|删除|削除|삭제|מחק|حذف"
        ),
        (
            r"virus|liab|haft(?:en|ung)|responsab|aansprakelijk|ansvar|vastuu|odpowiedzialn|odpověd|felelős"
            r"|ответственност|відповідальн|отговорност|ευθύν|sorumlu|trách nhiệm|责任|責任|책임"
        ),
    )
)
SPEAKS_OF_ITSELF = re.compile(
    r"\W{0,12}(?:(?:please )?not(?:e|ice)|the (?:information|contents?)|this|these|if you|any|unless|confidential"
    r"|privileged"
    r"|disclaimer|legal|important|e-?mail|diese[rs]?|der inhalt|die in|der austausch|ce |cet|ces|le contenu"
    r"|les informations|este|esta"
    r"|el contenido|la información|a informação|as informações|o conteúdo|quest[oa]|il presente|le informazioni"
    r"|il contenuto"
    r"|ai sensi|dit|deze|de informatie|denne|dette|detta|denna|informationen|tämä|niniejsz|treść|wiadomość"
    r"|informacj|tato"
    r"|tento|táto|obsah|ez az?|a jelen|acest|informați|это|данное|настоящ|содержание|информация|це|ця|това"
    r"|το παρόν|αυτό|bu "
    r"|email này|thư này|pesan|surat|本|此|이|הודעה|هذ)",
    re.IGNORECASE,
)
ENVIRONMENT = re.compile(
    r".{0,40}(?:consider (?:the|your) (?:environment|planet)|think (?:of|about) the environment|(?:save"
    r"|think before) (?:paper|you print)|denken sie an die umwelt|umwelt.{0,60}(?:druck|ausdruck)"
    r"|(?:pensez|penser|protégeons|préservons).{0,40}(?:environnement|planète)|(?:piense|cuide"
    r"|antes de imprimir).{0,60}(?:medio ?ambiente|imprim)|(?:pense|antes de imprimir).{0,60}(?:ambiente|imprim)"
    r"|(?:pensa|prima di stampare).{0,60}(?:ambiente|stamp)|denk aan het milieu|tänk på miljön|tænk på miljøet"
    r"|środowisk).{0,160}",
    re.IGNORECASE,
)
SCANNER = re.compile(
    r"(?=.{0,300}(?:viru|viren|malware|вирус|вірус|ウイルス|病毒|vírus|vírov))(?:(?:this|the|diese|ce|cet|l['’]absence|este"
    r"|esta|el|questa?|questo|dit|deze|detta|denna|den|denne|no virus|ta|tato|táto|tento|wiadomość|bu|это|данное"
    r"|outgoing"
    r"|incoming|checked|scanned|(?:e-?)?mail)\b.{0,300}(?:avast|avg\b|avira|kaspersky|касперск|eset|norton"
    r"|symantec|mcafee"
    r"|sophos|bitdefender|clamav|mailscanner|mimecast|barracuda|trend micro|f-secure|panda|dr\.? ?web|messagelabs"
    r"|proofpoint|nod32|(?:has been|was|wurde) (?:scanned|checked|.{0,40}geprüft)).{0,200}"
    r"|(?:virus-free|virenfrei|garanti sans virus|libre de virus|livre de vírus|virusvrij|virusfri|bez wirusów|bez virů"
    r"|senza virus|без вирусов|virüssüz)\W.{0,120})",
    re.IGNORECASE,
)
WARNING = re.compile(
    r"[\[*_\W]{0,6}(?:(?:caution|warning|attention|alert|notice|important|external(?: e-?mail| sender| message)?"
    r"|achtung|warnung|vorsicht|attention|avertissement|precaución|advertencia|atención"
    r"|atenção|cuidado|attenzione|let op|waarschuwing|varning|advarsel|huomio|uwaga|upozornění|внимание"
    r"|увага)\W{1,4}.{0,40})?"
    r"(?:this (?:e-?mail|message|mail) (?:originated|was sent|came|comes|is|has been sent"
    r"|has originated) (?:from )?(?:an? )?(?:external|outside|someone outside)"
    r"|(?:this is an )?external (?:e-?mail|sender|message)\b.{0,10}(?:do not|be careful|use caution|exercise)"
    r"|(?:you don['’]t often get e?-?mail from|some people who received this message don['’]t often get)"
    r"|(?:diese )?(?:e-?mail|nachricht|mail) (?:stammt|kommt|wurde) von (?:außerhalb|einem externen|extern)"
    r"|sie erhalten nicht (?:oft|häufig) e-?mails? von"
    r"|(?:ce|cet|cette) (?:courriel|e-?mail|message|mail) (?:provient|vient|émane) d(?:e l['’]ext"
    r"|['’]un expéditeur ext|['’]une source ext)|vous n['’]obtenez pas souvent d['’]e-?mail"
    r"|este (?:correo|mensaje|e-?mail)(?: electrónico)? (?:se originó|proviene|procede|foi enviado|tem origem"
    r"|veio) .{0,20}(?:extern|fuera|fora)|no suele recibir correos? electrónicos? de"
    r"|questa (?:e-?mail|messaggio) (?:proviene|è stata inviata) (?:dall['’]estern|da un mittente estern|da fuori)"
    r"|deze (?:e-?mail|mail) (?:is afkomstig|komt) van (?:buiten|een extern)"
    r"|\[external\]).{0,500}",
    re.IGNORECASE,
)


def is_warning(paragraph: str) -> bool:
    """What a company's gateway puts above mail from outside."""
    return len(paragraph) <= 700 and bool(WARNING.fullmatch(paragraph))


def is_heading(paragraph: str) -> bool:
    """`Confidentiality notice`, above one."""
    return bool(HEADING.fullmatch(paragraph[:PARAGRAPH_LIMIT]))


def is_legal(paragraph: str) -> bool:
    """A legal notice: it speaks of this mail, and says at least three of the things that such notices say."""
    text = paragraph[:PARAGRAPH_LIMIT]
    if len(text) < LEGAL_LEAST or not SPEAKS_OF_ITSELF.match(text):
        return False
    return sum(bool(said.search(text)) for said in SAYINGS) >= 3


def is_added(paragraph: str) -> bool:
    """What a virus scanner or a mail server adds below."""
    text = paragraph[:PARAGRAPH_LIMIT]
    return bool(len(text) <= 600 and (SCANNER.fullmatch(text) or ENVIRONMENT.fullmatch(text)))


def is_list_footer(lines: list[str], at: int) -> bool:
    """What a mailing list puts under every mail: a long rule and a few lines about itself."""
    if len(lines) - at > LIST_LINES or not LIST_RULE.fullmatch(lines[at]):
        return False
    return any(LIST_FOOTER.search(line) for line in lines[at + 1 :])
