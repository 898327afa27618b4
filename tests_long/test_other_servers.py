"""The story of one mail on Debian's servers: its PostgreSQL, and redis-server or RabbitMQ as the broker."""

from pathlib import Path

import pytest

from tests.single_roles import SingleRoles
from tests.sink import sink
from tests.story import one_mail_there_and_back
from tests_long import servers


@pytest.mark.needs("postgresql", "redis-server")
def test_one_mail_there_and_back_on_debians_postgresql_and_redis(tmp_path: Path) -> None:
    with servers.postgres() as database, servers.redis() as redis, sink() as relay:
        roles = SingleRoles(tmp_path, relay_url=relay.url, database_url=database, broker_url=redis)
        with roles as desk:
            one_mail_there_and_back(desk, relay)


@pytest.mark.timeout(240)
@pytest.mark.needs("postgresql", "redis-server", "rabbitmq-server")
def test_one_mail_there_and_back_with_rabbitmq_as_the_broker(tmp_path: Path) -> None:
    with servers.postgres() as database, servers.redis() as redis, servers.rabbitmq() as broker, sink() as relay:
        given = {"database_url": database, "broker_url": broker, "redis_url": redis}
        with SingleRoles(tmp_path, relay_url=relay.url, **given) as desk:
            one_mail_there_and_back(desk, relay)
