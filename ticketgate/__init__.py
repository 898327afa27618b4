"""The command: one role of Ticketgate, or all of them on one machine.

Here belongs: the command line, `ticketgate up` with its supervisor, the embedded servers, binding of sockets, and how
a process starts, stops and says what is wrong. Not here: what the roles do (`gateway`, `api`, `mailer`), and what a
support desk does (`desk`).
"""
