"""`Sent from my iPhone`: the line that phones and mail programs put below what their owner wrote."""

import re

LINE_LIMIT = 250  # characters
DEVICES = (
    r"iphon\w*|ipad\w*|ipod|ios|android|samsung|galaxy|huawei|xiaomi|redmi|oneplus|motorola|xperia|lumia|nokia"
    r"|wiko|blackberry"
    r"|windows (?:phone|10|11|mail)|outlook|yahoo|ymail|gmail|mail\.ru|mailbird|posteo|proton ?mail|proton"
    r"|tutanota|tuta"
    r"|airmail|sparrow|newton|cloudmagic|typeapp|bluemail|aqua ?mail|superhuman|zoho|fastmail|k-9|thunderbird|gmx"
    r"|web\.de"
    r"|aol|verizon|at&t|t-mobile|vodafone|smartphone|mobile(?: device| phone)?|mobil\w*|móvil|handy|tablet|telefon\w*"
    r"|teléfono|téléphone|telefono|cellulare|telefoon|puhelim\w*|spark|яндекс\w*|телефон\w*|айфон\w*|смартфон\w*"
    r"|macbook"
)
SENT = (  # the verb, and the word that ties the device to it: `Sent the iPhone back` is no footer
    r"sent (?:from|via|with|using|by|on)|gesendet (?:von|mit|über|aus|vom)|envoyée? (?:de|depuis|à partir|avec|via|par)"
    r"|enviad[oa] (?:desde|do|de|da|pelo|a partir|con|com|mediante|via|vía)|inviat[oa] (?:da|dal|dall|con|tramite)"
    r"|(?:verzonden|verstuurd) (?:vanaf|vanuit|met|via|van)|skicka(?:t|des) (?:från|med|via)|sendt (?:fra|med|via)"
    r"|wysłan[eoay]{1,2} (?:z|za|przez)|odesláno (?:z|ze|pomocí)|odoslané (?:z|zo)|trimis (?:de pe|din|de la|prin)"
    r"|poslano (?:z|s|sa|iz)|enviat des|отправлено (?:с|из|от|через)|(?:надіслано|відправлено) (?:з|із|за)"
    r"|изпратено (?:от|с)|(?:στάλθηκε|εστάλη) (?:από|με)|(?:đã|được) gửi (?:từ|bằng)|dikirim (?:dari|melalui)"
)
GET = (
    r"get|download|obtener|obtén|obter|obtenha|télécharge[rz]?|obtenir|obtenez|scarica|ottieni|haal|hämta|hent|få|hanki"
    r"|pobierz|stáhn\w+|získ\w+|stiahn\w+|descărca\w*|obțineți|preuzm\w+|скачать|получить|отримати|λήψη|tải"
    r"|dapatkan|holen sie sich"
)
PROGRAMS = (
    r"(?:program |aplikac\w+ |\[)?(?:outlook|bluemail|typeapp|yahoo mail|aqua mail|protonmail|proton mail"
    r"|spark|mailbird)"
)
FORMS = (
    rf"(?:{SENT})(?!\w)(?=.{{0,60}}(?<!\w)(?:{DEVICES})(?!\w))[^,;!?。]{{3,110}}",
    rf"(?:{GET}) {PROGRAMS}(?!\w)[^,;!?]{{0,60}}",
    r"outlook (?:voor|för|til|for|für|pour) (?:ios|android|windows|mac)(?: downloaden| herunterladen)?",
    r"(?:ios|android) için outlook['’]u (?:edinin|indirin)",
    r"sent from my [^,;!?.]{2,30}|via (?:my )?mobile(?: phone)?|sendt fra min [^,;!?.]{2,40}",
    r"(?:von|über) meine[mnr]? [^,;!?]{2,60} gesendet",
    r"(?:diese )?(?:nachricht|e-?mail|mail) wurde (?:von|mit|über) [^,;!?]{3,80} (?:gesendet|versendet|verschickt)",
    r"lähetetty [^,;!?]{2,40}(?:sta|stä|lta|ltä|ni)(?: [^,;!?]{1,30})?|elküldve [^,;!?]{2,40}(?:ról|ről)",
    rf"(?=.{{0,40}}(?:{DEVICES}))[^,;!?]{{2,40}}(?:dan|den) gönderildi",
    r".{2,30}から送信(?:され(?:た|ました))?|发自我的.{1,20}|发送自.{1,30}|[从從]我的.{1,20}(?:发送|傳送)",
    r"(?:나의|내) .{1,20}에서 보냄|.{2,30}에서 (?:보냄|전송됨)|נשלח מ.{2,40}|أُ?رسلت من .{2,40}",
)
LINK = r"(?:\s*[<\[(]\S{1,200}[>\])])?"
FOOTER = re.compile(rf"[-–—*_~•\s]{{0,6}}(?:{'|'.join(FORMS)}){LINK}\.?[*_]*", re.IGNORECASE)


def is_mobile_footer(line: str) -> bool:
    """Whether a line says nothing but by which device or program the mail was sent."""
    return len(line) <= LINE_LIMIT and bool(FOOTER.fullmatch(line))
