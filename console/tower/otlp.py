"""Where traces of runs go, if anywhere: off unless an address is given, and nothing is loaded for it before.

Fails with :class:`ValueError` in words for an address that cannot be used, and where the libraries are not installed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from console.tower.webhook import is_loopback

if TYPE_CHECKING:
    from temporalio.worker import Interceptor


@dataclass(frozen=True, slots=True)
class Otlp:
    """A collector that speaks OTLP over HTTP, up to before ``/v1/traces``. Raises :class:`ValueError` in words."""

    url: str
    is_plain_allowed: bool = False

    def __post_init__(self) -> None:
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise ValueError(f"The collector's address cannot be read: {error}") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("The collector's address begins with https:// or http:// and a host.")
        if url.userinfo or url.query:
            raise ValueError("The collector's address holds no secrets; headers come from OTEL_EXPORTER_OTLP_HEADERS.")
        if url.scheme == "http" and not self.is_plain_allowed and not self.is_local:
            raise ValueError("The collector's address is neither https nor this machine, which has to be allowed.")

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(httpx.URL(self.url).host)

    @property
    def endpoint(self) -> str:
        """Where spans are posted."""
        return f"{self.url.rstrip('/')}/v1/traces"


@asynccontextmanager
async def traced(otlp: Otlp | None) -> AsyncIterator[list[Interceptor]]:
    """What a worker is given so that runs are traced: nothing without a collector. The end sends what is left."""
    if otlp is None:
        yield []
        return
    try:
        from console.tower.tracing import Tracing  # noqa: PLC0415 - loaded only when asked for
    except ModuleNotFoundError as error:
        text = f"Traces need OpenTelemetry, which is not installed here ({error.name}): it is the extra “otlp”."
        raise ValueError(text) from None
    tracing = Tracing.to(otlp)
    try:
        yield [tracing]
    finally:
        await tracing.close()
