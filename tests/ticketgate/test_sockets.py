"""Listening sockets, and what is said where an address cannot be had."""

import socket
from pathlib import Path

import pytest

from settings import BadSetting, Listen
from tests.conftest import free_port
from ticketgate.sockets import bind, check_free


def closed(sockets: list[socket.socket]) -> list[tuple[str, int]]:
    addresses = [one.getsockname()[:2] for one in sockets]
    for one in sockets:
        one.close()
    return addresses


def test_a_port_is_listened_on() -> None:
    listen = Listen("127.0.0.1", free_port())
    (bound,) = bind(listen, "TICKETGATE_SMTP_LISTEN")
    with bound, socket.create_connection((listen.host, listen.port)) as client:
        assert client.getpeername() == (listen.host, listen.port)


def test_a_taken_port_names_the_setting_and_the_address() -> None:
    listen = Listen("127.0.0.1", free_port())
    (bound,) = bind(listen, "TICKETGATE_SMTP_LISTEN")
    with bound, pytest.raises(BadSetting) as refused:
        bind(listen, "TICKETGATE_HTTP_LISTEN")
    assert str(refused.value).startswith(f"TICKETGATE_HTTP_LISTEN: {listen} is taken by another program")


def test_a_host_of_two_addresses_is_listened_on_at_each_that_there_is() -> None:
    port = free_port()
    known = {str(address[4][0]) for address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM)}
    there = {host for host in known if _usable(host)}
    assert {host for host, _ in closed(bind(Listen("localhost", port), "TICKETGATE_SMTP_LISTEN"))} == there


def _usable(host: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "said"),
    [("192.0.2.1", "is no address of this machine"), ("no-such-host.invalid", "names a host that is not known here")],
)
def test_an_address_that_cannot_be_had_says_why(host: str, said: str) -> None:
    with pytest.raises(BadSetting, match=f"TICKETGATE_SMTP_LISTEN: {host}:2525 {said}"):
        bind(Listen(host, 2525), "TICKETGATE_SMTP_LISTEN")


def test_a_check_holds_nothing(tmp_path: Path) -> None:
    for listen in (Listen("127.0.0.1", free_port()), Listen(path=str(tmp_path / "lmtp"))):
        check_free(listen, "TICKETGATE_LMTP_LISTEN")
        closed(bind(listen, "TICKETGATE_LMTP_LISTEN"))


def test_a_socket_that_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    listen = Listen(path=str(tmp_path / "lmtp"))
    for one in bind(listen, "TICKETGATE_LMTP_LISTEN"):
        one.close()
    (bound,) = bind(listen, "TICKETGATE_LMTP_LISTEN")
    with bound, socket.socket(socket.AF_UNIX) as client:
        client.connect(listen.path)


def test_a_socket_that_is_served_is_taken(tmp_path: Path) -> None:
    listen = Listen(path=str(tmp_path / "lmtp"))
    (bound,) = bind(listen, "TICKETGATE_LMTP_LISTEN")
    with bound, pytest.raises(BadSetting, match="is taken by another program"):
        bind(listen, "TICKETGATE_LMTP_LISTEN")


def test_a_file_in_place_of_a_socket_is_kept(tmp_path: Path) -> None:
    (tmp_path / "lmtp").write_text("mine")
    with pytest.raises(BadSetting, match="is taken by another program"):
        bind(Listen(path=str(tmp_path / "lmtp")), "TICKETGATE_LMTP_LISTEN")
    assert (tmp_path / "lmtp").read_text() == "mine"
