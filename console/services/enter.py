"""What a person enters for a connection, checked before anything is tried: a configuration, or why it cannot be one.

Pure: no file is opened and no server asked. Invariant: a secret is never part of the configuration; plaintext beyond
this machine needs the person's own word. What belongs to another kind of engine is left out.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from console.domain.language import tr
from console.services.views import ConnectionConfig

KIND = "temporal"
LANGGRAPH = "langgraph"
KINDS = (KIND, LANGGRAPH)
EXAMPLES = {KIND: "temporal.example.com:7233", LANGGRAPH: "graphs.example.com:443"}
API_KEY = "api_key"
LOCAL = "localhost"
HIGHEST_PORT = 65_535
ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The fields of the form. Paths name files in PEM; ``api_key`` is what was typed now, never what is kept.

    ``keeps_api_key`` says that an API key kept before stays in force while none is typed. Of LangGraph alone are
    ``assistants``, names apart by commas (all, if empty), and ``bearer``: the key is sent as a bearer token.
    """

    kind: str = KIND

    name: str = ""
    address: str = ""
    namespace: str = "default"
    tls: bool = False
    ca_path: str = ""
    client_cert_path: str = ""
    client_key_path: str = ""
    server_name: str = ""
    allow_plaintext: bool = False
    api_key: str = field(default="", repr=False)
    keeps_api_key: bool = False
    assistants: str = ""
    bearer: bool = False

    @property
    def has_api_key(self) -> bool:
        """Whether the connection would have an API key."""
        return bool(self.api_key) or self.keeps_api_key

    @property
    def host(self) -> str:
        """The host of the address, without the brackets of IPv6; empty where it is not one."""
        found = ADDRESS.fullmatch(self.address.strip())
        return found["host"].strip("[]") if found else ""

    @property
    def needs_word(self) -> bool:
        """Whether plaintext would leave this machine, which a person has to allow."""
        return not self.tls and bool(self.host) and not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name; no name is looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == LOCAL


def problems(entry: Entry, taken_names: Collection[str] = ()) -> dict[str, str]:
    """What is wrong, by field, in words for a person; empty when it can be tried."""
    found: dict[str, str] = {}
    name = entry.name.strip()
    if not name:
        found["name"] = tr("Give it a name, as people here will call it.")
    elif name in taken_names:
        found["name"] = tr("Another connection has this name.")
    where = _address_problem(entry.address.strip(), EXAMPLES[entry.kind])
    if where:
        found["address"] = where
    if entry.kind == KIND and not entry.namespace.strip():
        found["namespace"] = tr("Name the namespace; a new server has one called default.")
    if entry.kind == KIND and entry.tls and bool(entry.client_cert_path) != bool(entry.client_key_path):
        missing = "client_key_path" if entry.client_cert_path else "client_cert_path"
        found[missing] = tr("A client certificate and its key go together.")
    if entry.has_api_key and not entry.tls and (entry.kind == KIND or entry.needs_word):
        found["tls"] = tr("An API key is only sent over TLS.")
    elif entry.needs_word and not entry.allow_plaintext:
        found["allow_plaintext"] = tr(
            "Without TLS everybody on the way can read and change what is sent. Allow it, or use TLS."
        )
    return found


def _address_problem(address: str, example: str) -> str:
    if not address:
        return tr("Write host and port, as in {example}.", example=example)
    if "://" in address:
        return tr("Write host and port only, without http:// before them.")
    found = ADDRESS.fullmatch(address)
    if found is None:
        return tr("This is not host and port, as in {example}.", example=example)
    return (
        ""
        if 1 <= int(found["port"]) <= HIGHEST_PORT
        else tr("A port lies between 1 and {highest_port}.", highest_port=HIGHEST_PORT)
    )


def config(entry: Entry, known: ConnectionConfig | None = None) -> ConnectionConfig:
    """The configuration of a new connection, or of the known one as it was changed."""
    return ConnectionConfig(
        connection_id=known.connection_id if known is not None else uuid.uuid4().hex,
        name=entry.name.strip(),
        kind=known.kind if known is not None else entry.kind,
        settings=_of_langgraph(entry) if entry.kind == LANGGRAPH else _of_temporal(entry),
        secret_names=(API_KEY,) if entry.has_api_key else (),
        is_paused=known.is_paused if known is not None else False,
        is_demo=known.is_demo if known is not None else False,
    )


def _of_temporal(entry: Entry) -> dict[str, str | bool | int | None]:
    has_tls = entry.tls
    return {
        "address": entry.address.strip(),
        "namespace": entry.namespace.strip(),
        "tls": has_tls,
        "ca_path": entry.ca_path.strip() if has_tls else "",
        "client_cert_path": entry.client_cert_path.strip() if has_tls else "",
        "client_key_path": entry.client_key_path.strip() if has_tls else "",
        "server_name": entry.server_name.strip() if has_tls else "",
        "allow_plaintext": entry.needs_word and entry.allow_plaintext,
    }


def _of_langgraph(entry: Entry) -> dict[str, str | bool | int | None]:
    named = (name.strip() for name in entry.assistants.split(","))
    return {
        "address": entry.address.strip(),
        "tls": entry.tls,
        "ca_path": entry.ca_path.strip() if entry.tls else "",
        "allow_plaintext": entry.needs_word and entry.allow_plaintext,
        "assistants": ", ".join(name for name in named if name),
        "bearer": entry.bearer and entry.has_api_key,
    }


def secrets(entry: Entry, known: ConnectionConfig | None = None) -> dict[str, str]:
    """The secrets typed now. A kept one that shall be forgotten is there and empty; one that stays is not there."""
    typed = entry.api_key.strip()
    if typed:
        return {API_KEY: typed}
    was_kept = known is not None and API_KEY in known.secret_names
    return {API_KEY: ""} if was_kept and not entry.keeps_api_key else {}


def entry_of(known: ConnectionConfig) -> Entry:
    """The form of a configuration, to change it."""

    def text(name: str) -> str:
        value = known.settings.get(name)
        return value if isinstance(value, str) else ""

    return Entry(
        kind=known.kind if known.kind in KINDS else KIND,
        name=known.name,
        address=text("address"),
        namespace=text("namespace"),
        assistants=text("assistants"),
        bearer=bool(known.settings.get("bearer")),
        tls=bool(known.settings.get("tls")),
        ca_path=text("ca_path"),
        client_cert_path=text("client_cert_path"),
        client_key_path=text("client_key_path"),
        server_name=text("server_name"),
        allow_plaintext=bool(known.settings.get("allow_plaintext")),
        keeps_api_key=API_KEY in known.secret_names,
    )
