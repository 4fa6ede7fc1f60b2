"""How a Temporal namespace is reached, as a person enters it; checked before anything is dialled.

Invariant: what leaves this machine is encrypted, unless the person said otherwise (``allow_plaintext``). Fails with
pydantic's ``ValidationError``, whose messages can be shown.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from console.domain.errors import Denied
from console.tower import wire

DEFAULT_PORT = 7233
PEM_MARK = "-----BEGIN"
MAX_PORT = 65_535
ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+)(?::(?P<port>[0-9]{1,5}))?")


class TemporalSettings(BaseModel):
    """Where and how. Certificates and key are PEM text or the path of a file; the secrets are never printed.

    An ``api_key`` means TLS, also where ``tls`` is not set, except on loopback. Times are seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = f"127.0.0.1:{DEFAULT_PORT}"
    namespace: str = "default"
    task_queue: str = wire.TASK_QUEUE
    tls: bool = False
    server_name: str = ""
    ca_certificate: str = ""
    client_certificate: str = ""
    client_key: SecretStr = SecretStr("")
    api_key: SecretStr = SecretStr("")
    allow_plaintext: bool = False
    connect_within: float = 10.0
    read_within: float = 10.0
    decide_within: float = 10.0

    @field_validator("address")
    @classmethod
    def _with_port(cls, address: str) -> str:
        """The address as ``host:port``; the port is Temporal's own where none is given."""
        found = ADDRESS.fullmatch(address.strip())
        port = int(found["port"] or DEFAULT_PORT) if found else 0
        if found is None or not 0 < port <= MAX_PORT:
            raise ValueError("The address has to be host:port, for example temporal.example.org:7233.")
        return f"{found['host']}:{port}"

    @field_validator("namespace", "task_queue")
    @classmethod
    def _named(cls, name: str) -> str:
        if not name.strip():
            raise ValueError("It has to have a name.")
        return name.strip()

    @model_validator(mode="after")
    def _sound(self) -> TemporalSettings:
        if bool(self.client_certificate) != bool(self.client_key.get_secret_value()):
            raise ValueError("A client certificate and its key come together.")
        if not self.is_encrypted and not self.is_local and not self.allow_plaintext:
            raise ValueError("Without TLS, everything could be read on the way. Switch TLS on, or allow plaintext.")
        return self

    @property
    def host(self) -> str:
        """The host without port and brackets."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def is_local(self) -> bool:
        """Whether the address is this machine itself."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is used."""
        has_key = bool(self.api_key.get_secret_value())
        return self.tls or bool(self.ca_certificate or self.client_certificate) or (has_key and not self.is_local)


def pem(text: str) -> bytes | None:
    """The bytes of a certificate or key given as text or path. Raises :class:`Denied` for an unreadable file."""
    if not text:
        return None
    if PEM_MARK in text:
        return text.encode()
    try:
        content = Path(text).expanduser().read_bytes()
    except OSError as error:
        raise Denied(
            f"The file {text} cannot be read: {error.strerror or error}.",
            next_action="Name a readable PEM file, or paste its text.",
        ) from error
    if PEM_MARK.encode() not in content:
        raise Denied(f"The file {text} is not PEM.", next_action="Name the certificate or key in PEM form.")
    return content
