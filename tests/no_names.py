"""A name server on loopback that knows no name, for every test that is not about names: none asks the world."""

import functools
import socketserver
import threading

import dns.flags
import dns.message
import dns.rcode

from settings import Listen


class Nobody(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, wire = self.request
        answer = dns.message.make_response(dns.message.from_wire(data))
        answer.flags |= dns.flags.RA
        answer.set_rcode(dns.rcode.NXDOMAIN)
        wire.sendto(answer.to_wire(), self.client_address)


@functools.cache
def no_names() -> Listen:
    """Where it listens, as long as this process lives."""
    server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Nobody)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="no names", daemon=True).start()
    host, port = server.server_address[:2]
    return Listen(str(host), port)
