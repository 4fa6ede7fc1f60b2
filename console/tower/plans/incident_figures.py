"""What a log says of each service: error rates and latencies, before and now, by host, and since when it is so.

Pure arithmetic over rows. Shares are fractions of 1 with four decimals, times milliseconds, percentiles by the nearest
rank, instants ISO 8601. ``now`` is the last ten minutes, ``before`` the first twenty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from console.domain.canonical import Json
from console.tower.plans.source import Row

LOG = timedelta(minutes=40)
NOW_MINUTES, BEFORE_MINUTES, LOG_MINUTES = 10, 20, 40
FAILED = 500
SLOW_TIMES = 4
ONSET_MINUTES, LEAST_BAD = 3, 0.03


@dataclass(frozen=True, slots=True)
class Request:
    """A line of a log."""

    minute: int
    host: str
    version: str
    is_failed: bool
    ms: int


def measured(rows: Iterable[Row], at: datetime) -> dict[str, dict[str, Json]]:
    """The figures of each service in a log that ends at ``at``."""
    lines: dict[str, list[Request]] = defaultdict(list)
    begin = at - LOG
    for row in rows:
        minute = int((datetime.fromisoformat(row["at"]) - begin) / timedelta(minutes=1))
        is_failed = int(row["status"]) >= FAILED
        lines[row["service"]].append(Request(minute, row["host"], row["version"], is_failed, int(row["ms"])))
    return {service: _figures(requests, begin) for service, requests in lines.items()}


def percentile(values: Sequence[int], share: float) -> int:
    """The value that ``share`` of all do not pass; 0 of none."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else 0


def failing(requests: Sequence[Request]) -> float:
    """The share that failed."""
    return share(sum(one.is_failed for one in requests), len(requests))


def share(part: int, whole: int) -> float:
    """A fraction of 1, to four decimals."""
    return round(part / whole, 4) if whole else 0.0


def sales(requests: int, each: str) -> Decimal:
    """What so many requests in the last ten minutes sell in one, in euros."""
    return (Decimal(each) * requests / NOW_MINUTES).quantize(Decimal("0.01"))


def _figures(requests: Sequence[Request], begin: datetime) -> dict[str, Json]:
    before = [one for one in requests if one.minute < BEFORE_MINUTES]
    now = [one for one in requests if one.minute >= LOG_MINUTES - NOW_MINUTES]
    times, earlier = [one.ms for one in now], [one.ms for one in before]
    by_host: dict[str, list[Request]] = defaultdict(list)
    for one in now:
        by_host[one.host].append(one)
    hosts: dict[str, Json] = {host: failing(some) for host, some in sorted(by_host.items())}
    counts: dict[str, Json] = {host: len(some) for host, some in sorted(by_host.items())}
    return {
        "requests_before": round(len(before) / BEFORE_MINUTES, 1),
        "requests_now": round(len(now) / NOW_MINUTES, 1),
        "count": len(now),
        "error_rate_before": failing(before),
        "error_rate": failing(now),
        "p50": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "p99": percentile(times, 0.99),
        "p95_before": percentile(earlier, 0.95),
        "hosts": hosts,
        "host_counts": counts,
        "since": _since(requests, now, SLOW_TIMES * percentile(earlier, 0.5), begin),
    }


def _since(requests: Sequence[Request], now: Sequence[Request], slow: int, begin: datetime) -> Json:
    """The first minute from which on, for three, half as much went wrong as does now; ``None`` where nothing does."""

    def bad(some: Sequence[Request]) -> float:
        return share(sum(one.is_failed or one.ms > slow for one in some), len(some))

    limit = max(LEAST_BAD, bad(now) / 2)
    by_minute: dict[int, list[Request]] = defaultdict(list)
    for one in requests:
        by_minute[one.minute].append(one)
    for minute in range(LOG_MINUTES - ONSET_MINUTES + 1):
        window = [one for number in range(minute, minute + ONSET_MINUTES) for one in by_minute[number]]
        if bad(window) >= limit:
            return (begin + timedelta(minutes=minute)).isoformat()
    return None
