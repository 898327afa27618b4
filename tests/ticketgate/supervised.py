"""A process that supervises small children, for the tests to look at: the supervisor ends all children that it has.

`python -m tests.ticketgate.supervised '[["name", "shell script", is_server], …]' [seconds of grace]`
"""

import asyncio
import json
import signal
import sys
from functools import partial

from ticketgate import supervisor
from ticketgate.child import Part
from ticketgate.lifeline import lifeline
from ticketgate.output import Output

parts = json.loads(sys.argv[1])
if len(sys.argv) > 2:
    supervisor.ROLES_GRACE = supervisor.SERVERS_GRACE = float(sys.argv[2])
supervisor.FIRST_PAUSE = 0.001


async def start(keeper: supervisor.Supervisor) -> None:
    for name, script, server in parts:
        number = signal.SIGINT if server else signal.SIGTERM
        keeper.keep(Part(name, partial(list, ["sh", "-c", script]), number, lifeline(number)), server=server)


output = Output()
try:
    asyncio.run(supervisor.supervise(start, output))
except supervisor.PartFailed as failed:
    output.say("failed", str(failed))
    output.close()
    sys.exit(failed.code)
output.close()
