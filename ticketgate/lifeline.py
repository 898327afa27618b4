"""A child that does not outlive its parent, however the parent ends: PR_SET_PDEATHSIG."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec nothing may be imported


def lifeline(number: signal.Signals) -> Callable[[], None]:
    """What a child calls between fork and exec to get this signal when its parent dies.

    The kernel means the *thread* that forked, so fork where the thread lives as long as the process. A change of
    credentials clears the signal: call this after it. Where there is no prctl (macOS) it does nothing.
    """
    parent = os.getpid()

    def hold() -> None:
        if sys.platform != "linux":
            return
        LIBC.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return hold
