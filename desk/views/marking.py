"""Where the words of a search stand in the tickets that it found."""

import json
from typing import Any

from desk.hits import Folding, Needle, in_units, one_line, round_the_first, strange_signs, whole
from desk.queries import Name, Query, Word
from desk.views.finding import every, having, some
from desk.views.sight import STAFF, VISIBLE, Conditions, Json, person, rows
from letters import resembles_ours
from models import User

READ = 20_000  # characters of a text: a hit after them is found and not shown

# The message of each ticket that has the words: one that says them itself before one whose subject does, newest first.
HIT = f"""
    SELECT t.id AS ticket, hit.id AS message, left(hit.text, {READ}) AS text, hit.email->>'subject' AS subject,
        coalesce((SELECT json_agg(a.filename ORDER BY a.id) FROM attachments a WHERE a.message_id = hit.id), '[]')::text
            AS files,
        json_build_array({person("author")}, {person("requester")}, CASE WHEN {STAFF} OR author.role = 'customer'
            THEN json_build_array(hit.email->'from', hit.email->'to', hit.email->'cc') END)::text AS people
    FROM tickets t JOIN mailboxes box ON box.id = t.mailbox_id JOIN users requester ON requester.id = t.requester_id
    JOIN LATERAL (
        SELECT m.* FROM messages m WHERE m.ticket_id = t.id AND {VISIBLE} AND {{having}}
        ORDER BY ts_filter(m.search, '{{{{c,d}}}}') @@ ({{some}}) DESC, m.id DESC LIMIT 1
    ) hit ON true JOIN users author ON author.id = hit.author_id
    WHERE t.id = ANY({{tickets}}::bigint[])"""


async def mark(by: User, found: list[Json], query: Query) -> None:
    """Adds `hit` and `title_marks` to tickets."""
    hits = await _hits(by, found, query) if query.words and found else {}
    subjects = [Word(word) for asked in query.operators if asked.name is Name.SUBJECT for word in asked.value.split()]
    texts = [text for hit in hits.values() for text in _texts(hit)]
    words = [*query.words, *subjects]
    folding = await _folding(by, [*texts, *(ticket["title"] for ticket in found), *(word.text for word in words)])
    needles, in_title = folding.needles(query.words), folding.needles(words)
    for ticket in found:
        spans = folding.spans(ticket["title"], in_title)
        ticket["title_marks"] = in_units(ticket["title"], spans)
        hit = hits.get(ticket["id"])
        ticket["hit"] = _shown(ticket, hit, folding, needles) if hit else None


async def _hits(by: User, found: list[Json], query: Query) -> dict[int, Json]:
    asked = Conditions()
    sql = HIT.format(
        having=having(every(asked, query.words)),
        some=some(asked, query.words),
        tickets=asked.value([ticket["id"] for ticket in found]),
    )
    hits = {row["ticket"]: row for row in await rows(sql, by, *asked.values)}
    for hit in hits.values():
        hit["text"] = one_line(hit["text"])
        hit["files"] = json.loads(hit["files"])
        hit["people"] = list(dict.fromkeys(_addresses(json.loads(hit["people"]))))
    return hits


def _addresses(found: Any) -> list[str]:
    """Every person in what a mail or a ticket names, as `Zoë <zoe@people.example>`; no signed address."""
    if isinstance(found, list):
        return [address for one in found for address in _addresses(one)]
    return [f"{found['name']} <{found['email']}>".strip()] if found and not resembles_ours(found["email"]) else []


def _texts(hit: Json) -> list[str]:
    return [hit["text"], hit["subject"] or "", *hit["files"], *hit["people"]]


async def _folding(by: User, texts: list[str]) -> Folding:
    signs = strange_signs(texts)
    if not signs:
        return Folding({})
    folded = await rows(
        "SELECT sign, unaccent(lower(sign)) AS folded FROM unnest($3::text[]) sign WHERE $1::boolean OR $2::bigint > 0",
        by,
        signs,
    )
    return Folding({row["sign"]: row["folded"] for row in folded})


def _shown(ticket: Json, hit: Json, folding: Folding, needles: list[Needle]) -> Json | None:
    """The place that says most: the text itself, then a file, an address, the subject."""
    places = [("text", [hit["text"]]), ("attachment", hit["files"]), ("address", hit["people"])]
    places.append(("subject", [ticket["title"], hit["subject"] or ""]))
    for where, texts in places:
        for text in texts:
            spans = folding.spans(text, needles)
            if spans:
                passage = whole(text, spans) if where == "subject" else round_the_first(text, spans)
                return {"where": where, "message": hit["message"], "text": passage.text, "marks": passage.marks}
    return None
