"""A network with Temporal servers in it, for tests."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.errors import Denied
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.services.views import ConnectionConfig


class Temporal:
    """Servers by address, standing in for the network; a wrong API key is not let in."""

    def __init__(self, *servers: FakeServer) -> None:
        self.servers = {f"{server.identity.removeprefix('fake:')}:7233": server for server in servers}
        self.keys: list[str] = []

    def engine(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> FakeEngine:
        self.keys.append(secrets.get("api_key", ""))
        if secrets.get("api_key") == "wrong":
            raise Denied("The server does not accept the API key.", next_action="Ask for another one.")
        address = str(config.settings["address"])
        server = self.servers.get(address)
        if server is None:
            server = FakeServer("nowhere")
            server.go_away(f"Nothing answers at {address}.")
        return FakeEngine(server)
