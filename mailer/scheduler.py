"""The scheduler role: Celery's beat, which rings the workers so that a lost nudge loses nothing."""

from celery.signals import setup_logging

from mailer.app import check_broker, make_app
from mailer.worker import keep_our_logging
from settings import Settings


def run(settings: Settings) -> int:
    """Rings until SIGTERM or SIGINT; answers the exit code.

    Raises:
        Away: the broker does not answer at the start.
    """
    check_broker(settings)
    setup_logging.connect(keep_our_logging, weak=False)
    make_app(settings, socket_timeout=5.0).Beat(quiet=True, loglevel="WARNING", socket_timeout=5).run()
    return 0
