"""Speaks the scripts of `dialogs/` (their README says how they are written)."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 10.0  # seconds for any one reply


@dataclass
class Script:
    """One file: its options, its steps as (verb, argument), and what the journal has kept at the end."""

    options: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Script":
        script = cls()
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                script._add(line[:2].strip(), line[3:], line)
        return script

    def _add(self, verb: str, argument: str, line: str) -> None:
        if verb == "@":
            self.options |= {name: value for name, _, value in (word.partition("=") for word in line[2:].split())}
        elif verb == "J:":
            sender, _, recipients = argument.partition(" -> ")
            self.kept.append((sender.replace("<>", ""), recipients.split(), b""))
        elif verb in {"J=", "J*"}:
            more = repeated(argument) if verb == "J*" else unescaped(argument)
            self.kept[-1] = (*self.kept[-1][:2], self.kept[-1][2] + more)
        else:
            self.steps.append((verb, argument))


def unescaped(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def repeated(argument: str) -> bytes:
    count, byte = argument.split()
    return byte.encode() * int(count)


class Client:
    """One connection that says exactly what it is told."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._to_send = b""

    @classmethod
    async def connect(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def speak(self, script: Script) -> None:
        for number, (verb, argument) in enumerate(script.steps, 1):
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._step(verb, argument)
            except (AssertionError, TimeoutError, OSError) as error:
                raise AssertionError(f"step {number}, {verb} {argument[:80]}: {error or 'nothing came'}") from error
        await self._send()

    async def _step(self, verb: str, argument: str) -> None:
        if verb == "C:":
            self._to_send += argument.encode() + b"\r\n"
        elif verb == "C>":
            self._to_send += unescaped(argument)
        elif verb == "C*":
            self._to_send += repeated(argument)
        else:
            await self._send()
            await self._expect(verb, argument)

    async def _send(self) -> None:
        if not self._to_send:
            return
        self.writer.write(self._to_send)
        self._to_send = b""
        await self.writer.drain()

    async def _expect(self, verb: str, argument: str) -> None:
        if verb == "S:":
            line = await self.line()
            assert line.startswith(argument.strip()), f"the server said {line!r}"
        elif verb == "S*":
            assert await self.code() == argument.strip()
        elif verb == "S.":
            assert await self.reader.read() == b""
        elif verb == "TL":
            trusting = ssl._create_unverified_context()
            await self.writer.start_tls(trusting)
        else:
            raise AssertionError(f"no such step: {verb}")

    async def line(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return (await self.reader.readline()).decode().rstrip("\r\n")

    async def code(self) -> str:
        """Of the next reply, which may have several lines."""
        while (line := await self.line())[3:4] == "-":
            pass
        return line[:3]

    async def say(self, text: str) -> str:
        """Sends a line; the code of its reply."""
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()
        return await self.code()

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            return  # the other side was first
