"""The Celery app: two tasks that carry no data, and a scheduler that rings for them."""

from typing import Any

from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError

from settings import Away, Settings

DRAIN = "ticketgate.drain"
TIDY = "ticketgate.tidy"
SWEEP = 20.0  # seconds between the scheduler's rings
HOUR = 3600.0


def make_app(settings: Settings, *, socket_timeout: float | None = None) -> Celery:
    """Celery on the broker of the settings.

    Args:
        socket_timeout: seconds after which a broker that does not answer is given up; for those who only nudge.
    """
    app = Celery("ticketgate", broker=settings.broker, set_as_current=False)
    app.conf.update(
        task_default_queue="ticketgate",
        task_ignore_result=True,
        # A ring that nobody heard for so long has been made good by the next one.
        beat_schedule={
            "sweep": {"task": DRAIN, "schedule": SWEEP, "options": {"expires": SWEEP}},
            "tidy": {"task": TIDY, "schedule": HOUR, "options": {"expires": HOUR}},
        },
        beat_scheduler="celery.beat:Scheduler",  # keeps its times in memory: no role has state of its own
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(socket_timeout),
        broker_connection_timeout=socket_timeout or 4.0,
        timezone="UTC",
    )
    return app


def check_broker(settings: Settings) -> None:
    """Asks the broker whether it is there; blocks for two seconds at most.

    Raises:
        Away: it does not answer.
    """
    connection = Connection(settings.broker, connect_timeout=2, transport_options=_transport_options(2.0))
    try:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except (OperationalError, OSError) as error:
        raise Away(_broker_away(settings, error)) from None
    finally:
        connection.release()


def _broker_away(settings: Settings, error: Exception) -> str:
    if settings.broker_url is None:
        return (
            f"no broker runs in {settings.places.root}: start `ticketgate up` there, "
            "or set TICKETGATE_BROKER_URL to yours"
        )
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"the broker does not answer ({said[0]}): is it up, and TICKETGATE_BROKER_URL right?"


def _transport_options(socket_timeout: float | None) -> dict[str, Any]:
    if socket_timeout is None:
        return {}
    return {"socket_timeout": socket_timeout, "socket_connect_timeout": socket_timeout}
