"""What a running process tells of itself, below every other package: one id that follows a mail, and counters.

Here belongs: the id that the context carries (`trace`), and the counters that the roles count with (`counts`). Nothing
here knows what a mail is, reads a setting or opens anything. Not here: how lines look and where figures are shown
(`ticketgate`).
"""
