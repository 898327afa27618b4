"""The header block above a mail that a program quotes or forwards: `From: … Sent: … To: … Subject: …`."""

import re
from dataclasses import dataclass
from typing import Literal

Name = Literal["sender", "date", "to", "cc", "subject", "other"]

# As mail programs write them, by language; one label may stand in several languages.
LABELS: dict[Name, str] = {
    "sender": "From, Von, De, De la, Da, Van, Od, Odesílatel, Odosielateľ, Fra, Från, Frá, Lähettäjä, Expéditeur"
    ", Remitente, Mittente, Nadawca, Afsender, Avsändare, Feladó, Expeditor, Šalje, Šalje/Od, Pošiljatelj, Nuo"
    ", No, Saatja"
    ", От, От кого, Від, Від кого, Отправитель, Από, Kimden, Gönderen, Từ, Người gửi, Dari, Daripada, 发件人, 发信人"
    ", 寄件者, 寄件人, 差出人, 送信者, 보낸 사람, 보낸사람, 보낸이, 발신, מאת, من, از, จาก",
    "date": "Date, Sent, Sent at, Sent on, Datum, Gesendet, Gesendet am, Dato, Sendt, Data, Dată, Trimis, Envoyé"
    ", Envoyé le, Message du, Fecha, Enviado, Enviado el, Enviado em, Enviada em, Enviada, Inviato, Data invio"
    ", Verzonden"
    ", Verzonden op, Skickat, Skickad, Päivämäärä, Päiväys, Lähetetty, Wysłano, Wysłane, Odesláno, Odoslané, Dátum"
    ", Elküldve, Küldve, Küldés ideje, Poslano, Poslato, Išsiųsta, Nosūtīts, Saadetud, Kuupäev, Дата, Отправлено"
    ", Дата отправления, Надіслано, Відправлено, Изпратено, Ημερομηνία, Στάλθηκε, Tarih, Gönderildi, Gönderme Tarihi"
    ", Gönderilme Tarihi, Ngày, Đã gửi, Vào lúc, Tanggal, Dikirim, Terkirim, 发送时间, 发送日期, 日期, 时间, 寄件日期"
    ", 傳送時間, 送信日時, 日時, 日付, 보낸 날짜, 보낸시간, 날짜, 발송일, נשלח, תאריך, תאריך שליחה, تم الإرسال, التاريخ"
    ", تاريخ, วันที่",
    "to": "To, An, À, A, Á, Pour, Para, Aan, Naar, Til, Till, Do, Komu, Pre, Címzett, Către, Catre, Za, Prima"
    ", Vastaanottaja"
    ", Destinataire, Destinatario, Destinatários, Kam, Kellele, Кому, До, Προς, Kime, Alıcı, Đến, Tới, Người nhận"
    ", Kepada, Untuk, Ke, 收件人, 收件者, 宛先, 受信者, 받는 사람, 받는사람, 받는이, 수신, אל, إلى, ถึง",
    "cc": "Cc, Bcc, CC:, Kopie, Kopie an, Copie, Copie à, Copia, Con copia, Cópia, Kopi, Kopia, Kopio, DW, UDW, Másolat"
    ", Másolatot kap, Kópia, Kopija, Копия, Копія, Κοιν., Κοινοποίηση, Bilgi, Tembusan, Salinan, 抄送, 副本, 참조, עותק"
    ", نسخة",
    "subject": "Subject, Re, Betreff, Objet, Sujet, Asunto, Assunto, Oggetto, Onderwerp, Betreft, Ämne, Emne, Efni"
    ", Aihe, Otsikko, Temat, Předmět, Predmet, Tárgy, Subiect, Subiectul, Zadeva, Naslov, Tema, Teema, Тема, Относно"
    ", Θέμα, Konu, Chủ đề, Tiêu đề, Subjek, Perihal, Judul, 主题, 主旨, 标题, 件名, 제목, נושא, الموضوع, موضوع, เรื่อง",
    "other": "Reply-To, Reply To, Antwort an, Répondre à, Responder a, Responder para, Rispondi a, Antwoord aan"
    ", Svar til, Svara till, Vastausosoite, Odpověď, Odpověď na, Odpovedať-Pre, Odpowiedź-do, Válaszcím, Răspuns către"
    ", Odgovori-Na, Ответ-Кому, Кому відповісти, Yanıt Adresi, Importance, Priority, Wichtigkeit, Priorität"
    ", Importancia, Importância, Priorità, Prioriteit, Важность, Attachments, Anlagen, Anhänge, Pièces jointes"
    ", Datos adjuntos, Anexos, Allegati, Bijlagen, Bifogade filer, Załączniki, Вложения, Organization"
    ", Message-ID, Sender"
    ", List-Id, Mailing-list, 附件, 添付ファイル, 첨부",
}
NAMES: dict[str, Name] = {label.casefold(): name for name, labels in LABELS.items() for label in labels.split(", ")}
FIELD_LINES = 24  # lines in which a block's fields stand together
LONG_LINE = 60  # characters; a longer one may go on in the next
FIELD = re.compile(r"[*_>|\s•]{0,12}([^\W\d_][^:：*_<>@]{0,28})[\s*_]{0,4}[:：][\s*_]{0,4}(?!//)(.{0,2000})")
MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")  # of direction and width, unseen
ADDRESS = re.compile(r"[^\s<>()\[\]\",;:]{1,64}@[^\s<>()\[\]\",;:]{1,255}")
TIME = re.compile(r"(?<![\d.])\d{1,2}\s?[:.h時시点]\s?\d{2}(?![\d.])|\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)
YEAR = re.compile(r"(?<![\d.])(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Block:
    """Fields found in a row of lines, each as it first came; `end` is the line behind them."""

    values: dict[Name, str]
    end: int

    @property
    def evident(self) -> bool:
        """Whether these fields stand above a mail, and not in somebody's travel plans or order form."""
        values = self.values
        if "sender" not in values or len(values) < 3:
            return False
        date = values.get("date", "")
        known = bool(ADDRESS.search(values["sender"]) or TIME.search(date))
        if "subject" in values and ("date" in values or "to" in values):
            return known or bool(YEAR.search(date) or ADDRESS.search(values.get("to", "")))
        return "date" in values and known


def read_field(line: str) -> tuple[Name, str] | None:
    """The field that a line holds, its value without the marks of bold type around it."""
    found = FIELD.match(line)
    if not found:
        return None
    name = NAMES.get(" ".join(found[1].casefold().split()))
    return (name, found[2].strip(" *_\t\xa0")) if name else None


def read_block(lines: list[str], start: int) -> Block | None:
    """The block that begins at `start`, None where that line is no field. Values may be wrapped, fields spaced."""
    values: dict[Name, str] = {}
    last: Name | None = None
    at = start
    stop = min(start + FIELD_LINES, len(lines))
    while at < stop:
        line = MARKS.sub("", lines[at]).strip()
        field = read_field(line)
        if field:
            last, value = field
            values.setdefault(last, value)
        elif last and line and _goes_on(lines, at, values[last]):
            values[last] = f"{values[last]} {line}".strip()
        elif not last or line or not _field_below(lines, at):
            break
        at += 1
    return Block(values, at) if values else None


def _goes_on(lines: list[str], at: int, value: str) -> bool:
    """Whether a line that is no field is the rest of the value above it."""
    above = lines[at - 1].rstrip()
    if not value or lines[at].lstrip().startswith("<") or above.endswith((",", ";", "<", "(")):
        return True
    return len(above) >= LONG_LINE or _field_below(lines, at)


def _field_below(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and read_field(MARKS.sub("", lines[at + 1])) is not None
