"""Where things lie in the data directory."""

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

POSTGRES_MAJOR = 18
SOCKET_DIRECTORY_LIMIT = 90  # bytes: PostgreSQL appends `/.s.PGSQL.5432` and a path of 107 bytes is the end


@dataclass(frozen=True)
class Places:
    """The data directory and what lies in it. Making and reading is done by whoever needs the place."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The database cluster; its name carries the major version, which cannot read another's files."""
        return self.root / f"postgres-{POSTGRES_MAJOR}"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def maildir(self) -> Path:
        """Where outgoing mail rests as long as no relay is set."""
        return self.root / "outbox"

    @property
    def lock(self) -> Path:
        """Held by the one `ticketgate up` of this directory."""
        return self.root / "up.lock"

    @property
    def secret(self) -> Path:
        return self.root / "secret.key"

    @property
    def sockets(self) -> Path:
        """The directory of the embedded servers' Unix sockets, short enough for their addresses."""
        inside = self.root / "run"
        if len(os.fsencode(inside)) <= SOCKET_DIRECTORY_LIMIT:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"ticketgate-{os.geteuid()}-{name}"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def secret_key(self) -> str:
        """The generated secret; made, readable for its owner only, where there is none yet.

        Raises:
            OSError: the data directory cannot be written or the secret not be read.
        """
        if not self.secret.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            self._keep_secret(secrets.token_urlsafe(48))
        return self.secret.read_text().strip()

    def _keep_secret(self, text: str) -> None:
        # Two processes may come here at once: each writes its own file whole, and the first link wins.
        draft = self.root / f".secret-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self.secret)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
