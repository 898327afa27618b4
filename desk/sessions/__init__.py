"""Signing in and staying so: short access tokens, refresh tokens that are used once.

All refresh tokens that follow from one sign-in are a family: to a person, a session. Whoever shows a spent one has a
stolen copy, or had theirs stolen: the whole family ends (RFC 9700, section 4.14.2), and its access tokens with it.

    entering.py   name and password become a session; a refresh token becomes the next one; signing out
    own.py        a person's sessions, to look at and to end
    tokens.py     what is handed out, and what it proves when it is shown
"""

from desk.sessions.entering import log_in, log_out, refresh
from desk.sessions.own import OpenSession, end_all, end_others, end_session, sessions_of
from desk.sessions.tokens import ACCESS_LASTS, REFRESH_LASTS, Client, Session, Tokens, hold, session_of, still_open

__all__ = [
    "ACCESS_LASTS",
    "REFRESH_LASTS",
    "Client",
    "OpenSession",
    "Session",
    "Tokens",
    "end_all",
    "end_others",
    "end_session",
    "hold",
    "log_in",
    "log_out",
    "refresh",
    "session_of",
    "sessions_of",
    "still_open",
]
