"""A front that speaks just enough HTTP/2 to answer every gRPC call with one status: a gateway that turns calls away."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.engines.line import served

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, SETTINGS, PING = 1, 4, 6
ACK = 1
END_OF_STREAM_AND_HEADERS = 5
STATUS_200 = b"\x88"


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One HTTP/2 frame (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name: bytes, value: bytes) -> bytes:
    """A header field in HPACK, literal and not indexed (RFC 7541, section 6.2.2)."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


@asynccontextmanager
async def front(status: int, message: str) -> AsyncIterator[str]:
    """The address of a front that ends every call with this gRPC status."""
    answer = (
        STATUS_200
        + literal(b"content-type", b"application/grpc")
        + literal(b"grpc-status", str(status).encode())
        + literal(b"grpc-message", message.encode())
    )

    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(PREFACE))
        writer.write(frame(SETTINGS, 0, 0, b""))
        while True:
            head = await reader.readexactly(9)
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            payload = await reader.readexactly(int.from_bytes(head[:3]))
            if kind == HEADERS:
                writer.write(frame(HEADERS, END_OF_STREAM_AND_HEADERS, stream, answer))
            elif kind in {SETTINGS, PING} and not flags & ACK:
                writer.write(frame(kind, ACK, 0, payload if kind == PING else b""))
            await writer.drain()

    async with served(answer_all) as address:
        yield address
