"""An invitation without other words (RFC 5545, 5546): what, when, where and who, as text."""

import re
from dataclasses import dataclass, field

LIMIT = 256 * 1024  # characters of a calendar that are read
LINES_LIMIT = 5000
VALUE_LIMIT = 2000  # characters
ATTENDEES_LIMIT = 20

FOLD = re.compile(r"\n[ \t]")
PROPERTY = re.compile(r"([A-Za-z0-9-]{1,60})((?:;[^:;\"]*(?:\"[^\"]*\"[^:;\"]*)*+)*+):(.*)")
PARAMETER = re.compile(r";([A-Za-z-]+)=(?:\"([^\"]*)\"|([^;:\"]*))")
ESCAPED = re.compile(r"\\([\\;,nN])")
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
SHOWN = {"VEVENT", "VTODO"}  # components: the first of them is what the calendar says
METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "REPLY": "Answer to an invitation",
    "CANCEL": "Cancelled",
    "COUNTER": "Other time proposed",
    "ADD": "Event added",
}


@dataclass(slots=True)
class Event:
    """What is said of the first event, in words of RFC 5545."""

    method: str = ""
    values: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)


def read_invitation(calendar: str) -> str:
    """A few lines that say what the calendar says; empty where it holds no event."""
    event = _event(FOLD.sub("", calendar[:LIMIT]).split("\n", LINES_LIMIT)[:LINES_LIMIT])
    if not event.values:
        return ""
    start, end = _moment(event, "DTSTART"), _moment(event, "DTEND")
    rows = [
        (METHODS.get(event.method.upper(), "Event"), event.values.get("SUMMARY", "")),
        ("When", " – ".join(filter(None, (start, end)))),
        ("Where", event.values.get("LOCATION", "")),
        ("Organiser", event.values.get("ORGANIZER", "")),
        ("Attendees", ", ".join(event.people)),
    ]
    lines = [f"{name}: {value}" for name, value in rows if value]
    description = event.values.get("DESCRIPTION", "").strip()
    return "\n".join([*lines, *(["", description] if description else [])]) + "\n"


def _event(lines: list[str]) -> Event:
    event = Event()
    inside: list[str] = []
    for line in lines:
        found = PROPERTY.match(line)
        if not found:
            continue
        name, value = found[1].upper(), found[3].strip()
        if name == "METHOD" and len(inside) == 1:
            event.method = value
        elif name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if not inside or inside.pop() in SHOWN:
                break
        elif inside and inside[-1] in SHOWN:
            _take(
                event,
                name,
                {key.upper(): quoted or bare for key, quoted, bare in PARAMETER.findall(found[2])},
                value,
            )
    return event


def _take(event: Event, name: str, parameters: dict[str, str], value: str) -> None:
    if name in {"ORGANIZER", "ATTENDEE"}:
        email = value.removeprefix("mailto:").removeprefix("MAILTO:")
        person = f"{parameters['CN']} <{email}>" if parameters.get("CN") and parameters["CN"] != email else email
        if name == "ORGANIZER":
            event.values.setdefault(name, person[:VALUE_LIMIT])
        elif len(event.people) < ATTENDEES_LIMIT:
            event.people.append(person[:VALUE_LIMIT])
        return
    text = ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value)
    event.values.setdefault(name, text[:VALUE_LIMIT])
    event.zones.setdefault(name, parameters.get("TZID", "")[:100])


def _moment(event: Event, name: str) -> str:
    """`2026-05-04 10:00 Europe/Berlin`: the time as the sender wrote it, in the zone that the sender named."""
    found = MOMENT.fullmatch(event.values.get(name, ""))
    if not found:
        return ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    zone = "UTC" if found[7] else event.zones.get(name, "")
    return f"{day} {found[4]}:{found[5]} {zone}".strip() if found[4] else day
