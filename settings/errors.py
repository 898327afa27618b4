"""What can be wrong with the surroundings, and what a command answers then.

BadSetting   a person must change something: one line on stderr, exit 2
Away         a part that we need does not answer: one line on stderr, exit 1
"""


class BadSetting(Exception):
    """A setting, a port or a directory must be changed; the text is one line that names it."""


class Away(Exception):
    """A part (database, broker, relay, blobs) does not answer; the text is one line that says which and what to do."""
