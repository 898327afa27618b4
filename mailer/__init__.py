"""Mail out: the outbox emptied into the relay.

Here belongs: the wording of our mails, the connections to the relay, claiming, sending and marking of deliveries, and
Celery, which is the workforce: its task `drain` rings a worker, its scheduler rings too, so that a lost nudge
loses nothing. The queue is the `deliveries` table. Not here: who gets a mail and why (`desk/outbox.py`).
"""
