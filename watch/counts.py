"""What the roles count while they work. What can be asked of the database instead is in `ticketgate/figures.py`.

The first import decides whether a process keeps its counts to itself or in a directory that it shares with others
(PROMETHEUS_MULTIPROC_DIR, which `ticketgate/metrics.py` sets before).
"""

from prometheus_client import Counter, Histogram

received = Counter("ticketgate_mail_received", "Mails that were answered 250 after DATA.", ["protocol"])
refused = Counter(
    "ticketgate_mail_refused", "Senders, recipients and mails refused, by the code of the reply.", ["code"]
)
filed = Counter("ticketgate_mail_filed", "Mails that the intake settled, by the state that it gave them.", ["state"])
answers = Counter(
    "ticketgate_delivery_answers", "What the relay said to a mail, by code; `none` where it said nothing.", ["code"]
)
requests = Histogram(
    "ticketgate_request_seconds",
    "From the arrival of a request to the beginning of its answer.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
