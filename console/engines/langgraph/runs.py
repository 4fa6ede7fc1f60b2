"""The threads of a server as runs: pages of them, newest movement first, each with what waits in it; and one by itself.

The server sorts by movement and filters by one status; the rest of what is wanted is looked for here, through at most
:data:`MOST_READ` threads a page. A page may be short and still not the last. Only threads that have had a graph are
runs.
"""

from __future__ import annotations

from console.domain.listing import MAX_RUNS, RunQuery, RunRow, RunsPage
from console.domain.run import Run, RunRef, RunStatus
from console.engines.langgraph import listing, reading, threads, waits
from console.engines.langgraph.history import history
from console.engines.langgraph.line import Line
from console.engines.langgraph.listing import Listed
from console.engines.langgraph.threads import Thread

MOST_READ = 2_000
BLOCK = 100
STATUS = {
    "busy": RunStatus.RUNNING,
    "interrupted": RunStatus.WAITS,
    "error": RunStatus.FAILED,
    "idle": RunStatus.COMPLETED,
}
BY_STATUS = {status: name for name, status in STATUS.items()}


async def page(line: Line, query: RunQuery, older: str) -> RunsPage:
    """A page of runs; ``older`` is how many threads were read for the pages before."""
    offset = int(older) if older.isdecimal() else 0
    limit = max(1, min(query.limit, MAX_RUNS))
    asked = {"status": BY_STATUS[next(iter(query.statuses))]} if _is_one_status(query) else {}
    if query.key and threads.THREAD_ID.fullmatch(query.key) and len(query.key) == len(NAME):
        asked["ids"] = [query.key]  # type: ignore[assignment]  # a list among texts
    rows: list[RunRow] = []
    read = 0
    async for block in listing.pages(line, asked, BLOCK, offset):
        for one in await listing.decoded(line, block):
            read += 1
            row = row_of(one, line.identity)
            if one.thread.graph and query.takes(row):
                rows.append(row)
                if len(rows) == limit:
                    return RunsPage(tuple(rows), str(offset + read))
        if read >= MOST_READ:
            return RunsPage(tuple(rows), str(offset + read))
    return RunsPage(tuple(rows))


NAME = "00000000-0000-0000-0000-000000000000"


def row_of(one: Listed, server: str) -> RunRow:
    """A thread as a row."""
    thread = one.thread
    status = STATUS.get(thread.status, RunStatus.RUNNING)
    is_over = status is RunStatus.COMPLETED
    return RunRow(
        ref=thread.ref(server),
        title=title_of(thread),
        workflow=thread.graph,
        status=status,
        started_at=thread.created_at,
        closed_at=thread.moved_at if is_over else None,
        moved_at=thread.updated_at,
        why=thread.error.partition("\n")[0][:300],
        waiting=one.rows,
    )


async def header(line: Line, ref: RunRef) -> Run:
    """The header of one run."""
    thread, state = await reading.thread_and_state(line, ref.run_id)
    told = await history(line, ref)
    row = row_of(Listed(thread, waits.rows(thread, line.identity)), line.identity)
    step = waits.next_step(state)
    why = thread.error
    if thread.status == waits.WAITING and not thread.interrupts:
        why = waits.STOP_WORDS.format(step=step or "its next step")
    run_id = threads.node(state.get("metadata")).get("run_id")
    return Run(
        ref=row.ref,
        title=row.title,
        workflow=thread.graph,
        status=row.status,
        attempt_id=threads.word(run_id) or thread.thread_id,
        started_at=row.started_at,
        closed_at=row.closed_at,
        moved_at=row.moved_at,
        revision=told.revision,
        why_not_moving=why,
        waiting=tuple(waiting.key.item_id for waiting in row.waiting),
    )


def title_of(thread: Thread) -> str:
    """What a thread is called: what its metadata call it, else its graph and the beginning of its id."""
    named = threads.word(thread.metadata.get("title")) or threads.word(thread.metadata.get("thread_name"))
    return named or f"{thread.graph or 'thread'} {thread.thread_id[:8]}"


def _is_one_status(query: RunQuery) -> bool:
    return len(query.statuses) == 1 and next(iter(query.statuses)) in BY_STATUS
