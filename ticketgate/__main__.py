"""`python -m ticketgate`: the command, without its script."""

from ticketgate.cli import main

main()
