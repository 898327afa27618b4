"""The unusual ones: what a desk meets now and then, and whoever looks at the demo should meet at once."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources

from models import Priority, Status
from ticketgate.demo.fleet import sixty_letters, three_hundred_letters
from ticketgate.demo.papers import pdf
from ticketgate.demo.pictures import jpeg, png
from ticketgate.demo.script import Answer, Change, Conversation, File, Mail, Note, Return, Standing, Way
from ticketgate.demo.words import Person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JONAS, INES, TOM, ADMIN = range(4)  # as in Stage.staff
WROTE = "On {date}, {name} wrote:"
LOOP = 23  # answers of a machine in an hour: some more than the twenty that a ticket takes

MARTA = Person("Marta", "Lindqvist", "Marta Lindqvist", "marta@lindqvist.example")
ERIK = Person("Erik", "Lindqvist", "Erik Lindqvist", "erik@verkstan.example")
CARRIER = Person("Halland", "Parcel", "Halland Parcel", "claims@hallandparcel.example")
LONG = "Dr. Annegret Freifrau von Hohenstein-Zimmermann zu Oberlindach und Waldenbuch"
ANNEGRET = Person("Annegret", "Hohenstein", LONG, "hohenstein@kanzlei-hz.example")
ACCOUNTS = Person("", "Buchhaltung", "Buchhaltung Kanzlei Hohenstein", "buchhaltung@kanzlei-hz.example")
LENA = Person("Lena", "Berg", "Lena Berg", "lena.berg@mail.example")
COUNCIL = Person("Joost", "de Vries", "Joost de Vries via Fietsersbond", "leden@fietsersbond.example")
PRETENDER = Person("Marta", "Lindqvist", "marta@lindqvist.example", "m.lindqvist@letterbox.example")
BANK = Person("", "Accounts", "Halde Cycles Accounts", "accounts@halde-bank.example")
NEIGHBOUR = Person("Vera", "Lund", "Vera Lund", "vera@lund.example")
BOT = Person("", "Orders", "ShopBot Orders", "orders@shopbot.example")
NEWS = Person("Amélie", "Fournier", "Amélie Fournier", "amelie.fournier@velo-ouest.example")

LONG_SUBJECT = (
    "Nachfrage zur Nachfrage vom vergangenen Donnerstag wegen der bereits zweimal angekündigten, aber bislang weder "
    "geprüften noch beantworteten Rechnungskorrektur über das vierte Dienstrad der Kanzlei Hohenstein"
)


def pieces(*, big: bool) -> Iterator[Conversation]:
    """Those that a small demo should have come first."""
    yield _bolts_missing()
    yield _returned()
    yield _pretended()
    yield _rejected()
    yield _with_pictures()
    yield _held_back()
    yield _out_of_office()
    yield _by_list()
    yield _long_names()
    yield _marta_before()
    yield sixty_letters()
    if big:
        yield three_hundred_letters()


def _bolts_missing() -> Conversation:
    """As a good conversation goes: people on copy, photos, a note, and now it is our turn."""
    first = "the second parcel came today, thank you. The rack is there, but the bag with the bolts is not."
    answer = (
        "Hello Marta,\n\nsorry about that: the bag must have stayed behind at the packing bench. Could you send me one "
        "photo of the box as it arrived? Then the bolts leave tomorrow morning without any further questions.\n\nJonas"
    )
    note = (
        "Same pallet as last week. I have asked the bench to recount the whole batch: no promises before Monday noon."
    )
    photo = (
        "Good morning Jonas,\n\nthe photo shows everything that was in the box. Could you send the four M6 bolts to my "
        "work address instead? I am at the office all week:\n\nLindqvist Arkitekter, Östra Hamngatan 17, 411 10 "
        "Göteborg\n\nI have put the carrier on copy, they asked me to.\n\nMarta"
    )
    lists = pdf("Packing list 20931", ("1 x rear rack", "4 x bolt M6", "1 x key"))
    files = (
        File("IMG_2204.jpg", "image/jpeg", jpeg(0)),
        File("packlist-20931.pdf", "application/pdf", lists),
    )
    return Conversation(
        (
            Mail(
                MARTA,
                f"Hello,\n\n{first}\n\nMarta",
                way=Way.NEW,
                subject="Bolts missing from parcel 2 of 2",
                cc=(ERIK,),
            ),
            Change(TOM, 40 * MINUTE, assignee=JONAS, tags=("parts", "order 20931")),
            Answer(JONAS, answer, 12 * MINUTE),
            Note(TOM, note, 16 * HOUR),
            Mail(MARTA, photo, 23 * HOUR, cc=(ERIK, CARRIER), files=files, quoting=WROTE),
        ),
        ends=4 * MINUTE,
        read=False,
    )


def _returned() -> Conversation:
    """One of two copies came back: seen on the list, the letter, the person and the health page."""
    asks = "auf der Rechnung fehlt unsere USt-IdNr., sie lautet DE 999 000 111. Die Buchhaltung liest mit."
    fixed = "Guten Tag,\n\ndie korrigierte Rechnung hängt an. Bitte entschuldigen Sie den Fehler.\n\nJonas Albrecht"
    paper = File("rechnung-2026-1187.pdf", "application/pdf", pdf("Rechnung 2026-1187", ("USt-IdNr. DE 999 000 111",)))
    return Conversation(
        (
            Mail(
                ANNEGRET, f"Sehr geehrte Damen und Herren,\n\n{asks}\n\n{LONG}", way=Way.NEW,
                subject="Rechnung 2026-1187: USt-IdNr. fehlt", cc=(ACCOUNTS,), files=(paper,),
            ),
            Change(INES, 20 * MINUTE, assignee=JONAS, tags=("invoice",), priority=Priority.HIGH),
            Answer(JONAS, fixed, 90 * MINUTE, files=(paper,)),
            Return(ACCOUNTS, "5.1.1", f"550 5.1.1 <{ACCOUNTS.email}>: User unknown in local mailbox table", MINUTE),
        ),
        ends=2 * HOUR,
    )  # fmt: skip


def _pretended() -> Conversation:
    """Not proven, and the name shows another address: somebody who knows of Marta's order wants her parcel."""
    text = (
        "Hi,\n\nthis is Marta, I lost access to my old mail. Please send the replacement for order 20931 to Bay 7, "
        "Harbour Storage instead, and tell me the tracking number here.\n\nMarta Lindqvist"
    )
    return Conversation(
        (
            Mail(
                PRETENDER, text, way=Way.NEW, subject="New delivery address for order 20931",
                standing=Standing.UNPROVEN,
                more={"Reply-To": "parcels@harbour-storage.example"},
            ),
        ),
        ends=50 * MINUTE,
        read=False,
    )  # fmt: skip


def _rejected() -> Conversation:
    """Its domain says that it did not send this. A machine did, so nobody was answered."""
    text = "Dear customer,\n\nyour mailbox is full. Sign in within 24 hours at the link below to keep your mails.\n"
    return Conversation(
        (
            Mail(
                BANK, text, way=Way.NEW, subject="Action required: your mailbox will be closed",
                standing=Standing.REJECTED, more={"Auto-Submitted": "auto-generated"},
            ),
            Note(TOM, "Not ours, not the bank's. Nobody click that.", 30 * MINUTE),
        ),
        ends=3 * HOUR,
    )  # fmt: skip


def _with_pictures() -> Conversation:
    """HTML that says more than its text, with pictures of its own and of elsewhere; a stranger answers too."""
    text = "Bonjour,\n\nvoici ce qu'il nous faut avant le 15 : 12 porte-bagages, 40 plaquettes, 6 sièges.\n\nAmélie"
    mine = "Hello,\n\nAmélie sent this on to me: the six seats are for our nursery. Could two of them be blue?\n\nVera"
    html = resources.files("ticketgate.demo").joinpath("words", "atelier.html").read_text(encoding="utf-8")
    picture = File("vitrine.png", "image/png", png(2), inline=True)
    return Conversation(
        (
            Mail(NEWS, text, way=Way.NEW, subject="Atelier d'hiver : nos besoins", html=html, files=(picture,)),
            Change(INES, 30 * MINUTE, assignee=ADMIN, tags=("dealer",)),
            Answer(
                INES, "Bonjour Amélie,\n\nc'est noté, je vérifie les sièges et reviens vers vous.\n\nInes", 2 * HOUR
            ),
            Mail(NEIGHBOUR, mine, 3 * HOUR, way=Way.THREAD, subject="Fwd: Atelier d'hiver : nos besoins"),
        ),
        ends=5 * HOUR,
        read=False,
    )


def _held_back() -> Conversation:
    """A machine that answers every mail: past twenty in an hour its mail is held, and waits for somebody to look."""
    text = "Thank you for your message about order 20877. It has been forwarded to the responsible department."
    answering = {"Auto-Submitted": "auto-replied"}
    loop = (Mail(BOT, f"{text}\n\nReference SB-{at:04}", MINUTE / 8, more=answering) for at in range(LOOP))
    return Conversation(
        (
            Mail(BOT, "Order 20877 was placed by your account.", way=Way.NEW, subject="Order 20877"),
            Answer(TOM, "Hello,\n\nwhich article is it? The order has none.\n\nTom", 20 * MINUTE),
            *loop,
        ),
        ends=35 * MINUTE,
    )


def _out_of_office() -> Conversation:
    away = "Ich bin bis zum 8. nicht im Haus und lese keine Mails. In dringenden Fällen: 0000 / 555 01."
    more = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    asks = "Guten Tag,\n\nkönnten Sie mir ein kurzes Video schicken, wie man die Kette spannt?\n\nLena Berg"
    return Conversation(
        (
            Mail(LENA, asks, way=Way.NEW, subject="Kette spannen, wie geht das?"),
            Change(JONAS, HOUR, assignee=JONAS, tags=("workshop",)),
            Answer(
                JONAS, "Guten Tag Frau Berg,\n\ngern, es kommt morgen.\n\nJonas Albrecht", 10 * MINUTE, Status.FROZEN
            ),
            Mail(LENA, away, MINUTE, more=more, subject="Abwesenheit: Kette spannen, wie geht das?"),
        ),
        ends=26 * HOUR,
    )


def _by_list() -> Conversation:
    """A mailing list put itself in the place of the author."""
    text = "Goedendag,\n\nwij zoeken voor onze leden een werkplaats die ook op zondag open is. Kan dat bij u?\n\nJoost"
    more = {"List-Id": "Leden <leden.fietsersbond.example>", "X-Original-From": "Joost de Vries <jw@devries.example>"}
    return Conversation(
        (
            Mail(COUNCIL, text, way=Way.NEW, subject="[leden] Werkplaats op zondag?", more=more),
            Change(TOM, 3 * HOUR, assignee=TOM, priority=Priority.LOW, tags=("workshop",)),
        ),
        ends=30 * HOUR,
    )


def _long_names() -> Conversation:
    """Names and subjects that no line is made for."""
    text = f"Sehr geehrte Damen und Herren,\n\nich bitte um kurze Bestätigung.\n\n{LONG}"
    return Conversation((Mail(ANNEGRET, text, way=Way.NEW, subject=LONG_SUBJECT),), ends=76 * HOUR, mailbox=1)


def _marta_before() -> Conversation:
    """An earlier matter of somebody who is back."""
    title = "Which rack fits the 2023 frame?"
    asks = "Hello,\n\nthe one of last year has no holes where the frame has them. Which should I get?\n\nMarta"
    answer = "Hello Marta,\n\nthe R2. It takes 25 kg and comes with bolts.\n\nInes"
    return Conversation(
        (
            Mail(MARTA, asks, way=Way.NEW, subject=title),
            Change(INES, HOUR, assignee=INES, tags=("parts",)),
            Answer(INES, answer, 2 * HOUR, Status.CLOSED),
        ),
        ends=24 * DAY,
    )  # fmt: skip
