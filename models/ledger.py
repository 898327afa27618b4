"""One look at all mail that the database knows: the ledger, which counts what was told 250, beside the rows themselves.

The ledger is the check on our promise: in the commit of each batch it counts how many mails hear 250, apart from the
rows. Every one of them must be there: processed, ignored, held, quarantined or waiting.
"""

from dataclasses import dataclass

DUTY = 20  # an answer serves so many times as long as it took: counting millions of rows never takes a large share

# One statement sees one moment. A million entries are counted in 0.3 s, from the table or inbound_by_state.
LOOK = """
SELECT
    (SELECT coalesce(sum(accepted), 0)::bigint FROM ledger) AS accepted,
    (SELECT coalesce(json_object_agg(state, rows), '{}')
     FROM (SELECT state, count(*) AS rows FROM inbound GROUP BY state) AS by_state)::text AS journal,
    (SELECT coalesce(json_object_agg(state, rows), '{}')
     FROM (SELECT state, count(*) AS rows FROM deliveries GROUP BY state) AS by_state)::text AS deliveries,
    (SELECT extract(epoch FROM clock_timestamp() - received_at)::float8
     FROM inbound WHERE state = 'accepted' ORDER BY id LIMIT 1) AS oldest
"""


@dataclass(frozen=True)
class Figures:
    """One look: mails ever accepted, rows by state, and the seconds that the oldest waiting mail has waited."""

    accepted: int
    journal: dict[str, int]
    deliveries: dict[str, int]
    oldest: float

    @property
    def balanced(self) -> bool:
        """Whether accepted = processed + ignored + held + quarantined + waiting."""
        return self.accepted == sum(self.journal.values())
