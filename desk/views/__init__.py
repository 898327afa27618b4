"""What people see: tickets and messages as REST shows them, each one SQL query shaped to its answer.

A page costs the same at a thousand tickets and at a million. What a customer may not see (notes, deliveries,
authentication, staff's addresses) is left out in here, and nowhere else.
"""

from desk.views.files import StoredFile, attachment, shown_attachment
from desk.views.messages import Display, message, raw_mail, shown_html, why
from desk.views.orders import Sort
from desk.views.people import people, staff, tags, ticket_people
from desk.views.queues import Queue, queues
from desk.views.tickets import Page, ticket, tickets
from desk.views.timeline import timeline
from desk.views.wanted import Wanted

__all__ = [
    "Display",
    "Page",
    "Queue",
    "Sort",
    "StoredFile",
    "Wanted",
    "attachment",
    "message",
    "people",
    "queues",
    "raw_mail",
    "shown_attachment",
    "shown_html",
    "staff",
    "tags",
    "ticket",
    "ticket_people",
    "tickets",
    "timeline",
    "why",
]
