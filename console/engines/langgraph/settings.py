"""How a LangGraph server is reached, as a person enters it; checked before anything is dialled.

Invariant: what leaves this machine is encrypted, unless the person said otherwise (``allow_plaintext``). Fails with
pydantic's ``ValidationError``, whose messages can be shown.
"""

from __future__ import annotations

import ipaddress
import re

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

DEFAULT_PORT = 2024
MAX_PORT = 65_535
ADDRESS = re.compile(
    r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/?#@\[\]]+)(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:/[\w.~-]+)*)/?"
)


class LangGraphSettings(BaseModel):
    """Where and how; the secret is never printed. Times are seconds.

    ``address`` is ``host:port``, with a path behind it where the server lies under one. A key is sent as ``x-api-key``
    or, if ``bearer`` is set, as a bearer token. ``assistants`` names the graphs or assistants whose threads count; all
    do if none is named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = f"127.0.0.1:{DEFAULT_PORT}"
    tls: bool = False
    ca_certificate: str = ""
    allow_plaintext: bool = False
    api_key: SecretStr = SecretStr("")
    bearer: bool = False
    assistants: tuple[str, ...] = ()
    connect_within: float = 5.0
    read_within: float = 10.0
    decide_within: float = 10.0

    @field_validator("address")
    @classmethod
    def _with_port(cls, address: str) -> str:
        """The address as ``host:port`` and path, if it has one."""
        found = ADDRESS.fullmatch(address.strip())
        port = int(found["port"] or DEFAULT_PORT) if found else 0
        if found is None or not 0 < port <= MAX_PORT:
            raise ValueError("The address has to be host:port, for example graphs.example.org:443.")
        return f"{found['host']}:{port}{found['path']}"

    @field_validator("assistants", mode="before")
    @classmethod
    def _listed(cls, named: object) -> object:
        """Names may come as one text, apart by commas."""
        if isinstance(named, str):
            return tuple(name.strip() for name in named.split(",") if name.strip())
        return named

    @model_validator(mode="after")
    def _sound(self) -> LangGraphSettings:
        if not self.tls and not self.is_local and not self.allow_plaintext:
            raise ValueError("Without TLS, everything could be read on the way. Switch TLS on, or allow plaintext.")
        return self

    @property
    def url(self) -> str:
        """Where the server's interface begins."""
        return f"{'https' if self.tls else 'http'}://{self.address}"

    @property
    def host(self) -> str:
        """The host without port, path and brackets."""
        return self.address.partition("/")[0].rpartition(":")[0].strip("[]")

    @property
    def is_local(self) -> bool:
        """Whether the address is this machine itself."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        key = self.api_key.get_secret_value()
        if not key:
            return {}
        return {"authorization": f"Bearer {key}"} if self.bearer else {"x-api-key": key}
