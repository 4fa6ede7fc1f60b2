"""What nobody should send, at the real window: a clear message on its item, the others unaffected, the window alive."""

from __future__ import annotations

import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from console.domain.canonical import Json
from console.domain.display import one_line
from console.domain.escalation import EscalationKey, Kind, Proposal, Verdict
from console.domain.risk import Risk
from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.paths import Paths
from console.qtkit.theme import Theme
from console.services.views import InboxRow
from tests.engines.hostile import HOSTILE, MEGABYTE, as_json, sound, with_part, with_proposal
from tests.engines.temporal import planted
from tests.journeys.canary import Canary, canary
from tests.journeys.impostor import impostors
from tests.journeys.seat import PATIENCE, Seat, connection_to, seated, windowed
from tests.journeys.test_journey import a_refund, refunded_once, run_of, went_through
from tests.journeys.world import World
from tests.screens.stage import stage, until
from tests.servers import RunningServer

# One of each sort; tests/engines decode them all.
SORTS = (
    "list",
    "no-row",
    "no-verdicts",
    "wrong-confidence",
    "wrong-arguments",
    "wrong-risk",
    "other-digest",
    "line-of-a-million",
    "nested",
)
Play = Callable[[Coroutine[Any, Any, None]], None]
REFUND = Proposal(tool="pay", arguments={"amount": "240.00"}, resource="order/4711", summary="Pay 240.00")
DIRECTIONS = "\u202e\u2066\u200b\u2028"
WRITTEN_OUT = "‹U+202E›‹U+2066›‹U+200B›‹U+2028›"


@pytest.fixture
def bird(tmp_path: Path) -> Iterator[Canary]:
    """Nobody may have touched it in the end."""
    with canary(tmp_path) as found:
        yield found
        assert found.touched() == []


def test_the_canary_tells_who_touches_it(tmp_path: Path) -> None:
    with canary(tmp_path) as found:
        assert QImage(str(found.file)).width() == 9
        assert set(found.touched()) == {str(found.file)}
        socket.create_connection(("127.0.0.1", found.port)).close()
        assert found.touched() == [found.web_url]
        assert found.touched() == []


def is_key(key: EscalationKey) -> Callable[[InboxRow], bool]:
    """Whether a row is this one."""
    return lambda row: row.item_id == key.item_id


def lure(bird: Canary) -> str:
    """Text that markup would make something of."""
    return f'<img src="{bird.file_url}"><a href="{bird.web_url}">x</a>![x]({bird.file_url}) {DIRECTIONS}'


def lured(bird: Canary) -> Opening:
    """An item with such text everywhere."""
    text = lure(bird)
    return Opening(
        title=f"Title {text}",
        kind=Kind.DOUBT,
        agent=f"agent {text}",
        owner=text,
        step="lured",
        proposal=Proposal(
            tool=f"tool {text}",
            arguments={text: text, "list": [{"cell": text}]},
            resource=text,
            summary=text,
            reversal=text,
            schema={"type": "object", "properties": {"free": {"type": "string", "title": text, "description": text}}},
        ),
        question=text,
        caveats=(text,),
        open_questions=(text,),
        failure=text,
    )


def test_on_the_scripted_engine_every_hostile_item_says_what_is_wrong_and_a_sound_one_is_decided_after(
    play: Play, theme: Theme, tmp_path: Path, bird: Canary
) -> None:
    hostile = {name: HOSTILE[name] for name in SORTS} | {
        "argument-of-5-MB": (with_proposal(arguments={"text": "x" * (5 * MEGABYTE)}), "512 KB"),
        "schema-on-the-web": (with_proposal(schema={"$ref": bird.web_url}), "nothing is loaded from there"),
        "schema-in-a-file": (with_part(schema={"items": {"$ref": bird.file_url}}), "nothing is loaded from there"),
    }

    async def story() -> None:
        server = FakeServer("hostile")
        first = server.open(server.start_run("before"), Opening(title="Sound before", proposal=REFUND))
        keys = {}
        for name, (make, _) in hostile.items():
            ref = server.start_run(name)
            keys[name] = server.open_raw(ref, cast("Json", make(as_json(sound(ref, name)))))
        last = server.open(server.start_run("after"), Opening(title="Sound after", proposal=REFUND))
        async with stage(tmp_path, [server]) as made, windowed(theme, made.desk, made.errors) as seat:
            for name, (_, word) in hostile.items():
                await seat.open(await seat.waits(is_key(keys[name])))
                assert word in seat.words(seat.hosting.inbox_view.review), name
                seat.press(Verdict.APPROVE)
                seat.key(Qt.Key.Key_Return)
                assert not seat.state.decisions, name
            for key in (first, last):
                await seat.open(await seat.waits(is_key(key)))
                seat.press(Verdict.APPROVE)
                await seat.held(key.item_id)
            await until(lambda: len(server.applied()) == 2, 20)
            assert {done.key for done in server.applied()} == {first, last}

    play(story())


def test_what_is_only_hard_to_show_is_shown_bounded_plain_and_with_nothing_hidden(
    play: Play, theme: Theme, tmp_path: Path, bird: Canary
) -> None:
    line = "y" * MEGABYTE
    large = Proposal(tool="pay", arguments={"text": "x" * (5 * MEGABYTE)}, resource="order", summary="Pay")
    openings = {
        "5 MB": Opening(title="5 MB argument", risk=Risk.HIGH, step="large", proposal=large),
        "line": Opening(title=line, kind=Kind.FAILURE, step="line", failure=line, verdicts=(Verdict.RETRY,)),
        "lure": lured(bird),
        "schema": Opening(
            title="Schema elsewhere",
            step="schema",
            question="Which one?",
            kind=Kind.QUESTION,
            schema={"type": "object", "properties": {"a": {"$ref": bird.web_url}, "b": {"$ref": bird.file_url}}},
            verdicts=(Verdict.ANSWER,),
        ),
    }

    async def story() -> None:
        server = FakeServer("odd")
        keys = {name: server.open(server.start_run(name), opening) for name, opening in openings.items()}
        sound_one = server.open(server.start_run("after"), Opening(title="Sound after", proposal=REFUND))
        async with stage(tmp_path, [server]) as made, windowed(theme, made.desk, made.errors) as seat:
            review = seat.hosting.inbox_view.review
            await seat.open(await seat.waits(is_key(keys["5 MB"])))
            seat.press(Verdict.APPROVE)
            assert "cannot be approved here" in seat.state.bar.hint
            assert not seat.state.decisions

            await seat.open(await seat.waits(is_key(keys["line"])))
            assert len(seat.words()) < MEGABYTE // 10

            await seat.open(await seat.waits(is_key(keys["lure"])))
            words = seat.words()
            assert WRITTEN_OUT in words
            assert f'<img src="{bird.file_url}">' in words
            assert not set(DIRECTIONS) & set(words)
            seat.press(Verdict.EDIT)
            await seat.armed(keys["lure"].item_id)
            assert [line for line in seat.words().splitlines() if set(DIRECTIONS) & set(line)] == []
            seat.key(Qt.Key.Key_Escape)

            await seat.open(await seat.waits(is_key(keys["schema"])))
            seat.press(Verdict.ANSWER)
            form = review.form.form
            assert form is not None
            assert form.is_raw()
            assert "edited as JSON" in seat.words(review.form)
            seat.key(Qt.Key.Key_Escape)

            await seat.open(await seat.waits(is_key(sound_one)))
            seat.press(Verdict.APPROVE)
            await seat.held(sound_one.item_id)
            await until(lambda: bool(server.applied()), 20)
            assert [done.key for done in server.applied()] == [sound_one]

    play(story())


def test_on_a_real_server_they_stand_between_sample_runs_that_are_decided_all_the_same(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World, bird: Canary
) -> None:
    sorts = {name: HOSTILE[name][1] for name in ("argument-of-1.5-MB", "other-digest", "wrong-arguments")}
    text = lure(bird)
    wanted: dict[str, tuple[str, dict[str, Any]]] = {name: (name, {}) for name in sorts}
    wanted["schema"] = ("", {"schema": {"$ref": bird.web_url}})
    wanted["lure"] = ("", {"summary": text, "arguments": {"text": text}})
    wanted["line"] = ("", {"arguments": {"text": "y" * 400_000}})
    sorts["schema"] = "nothing is loaded from there"

    async def story() -> None:
        async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
            told = (await seat.connection("tower")).server
            assert told is not None
            async with impostors(await server.client(), told.identity, wanted) as ids:
                for name, word in sorts.items():
                    await show(seat, ids[name])
                    await until(lambda: seat.shown.read_at is not None, PATIENCE)
                    assert word in seat.words(seat.hosting.inbox_view.review), name
                    seat.press(Verdict.APPROVE)
                    assert not seat.state.decisions, name
                await show(seat, ids["lure"])
                await until(lambda: WRITTEN_OUT in seat.words(), PATIENCE)
                assert not set(DIRECTIONS) & set(seat.words())
                await show(seat, ids["line"])
                await until(lambda: seat.shown.read_at is not None, PATIENCE)
                seat.press(Verdict.APPROVE)
                assert "cannot be approved here" in seat.state.bar.hint
                await one_refund_is_decided(seat, server, world)

    play(story())


def test_a_memo_without_sense_is_one_row_that_says_so_and_so_is_a_run_that_nobody_answers_for(
    play: Play, theme: Theme, desk_folder: Paths, server: RunningServer, world: World, bird: Canary
) -> None:
    memos = {"text": lure(bird), "rows": {"rows": 7}, "large": {"rows": [{"title": "x" * 1_500_000}]}}

    async def story() -> None:
        client = await server.client()
        handles = [
            await planted.plant(client, memo, run_id=f"memo-{name}-{world.seed}") for name, memo in memos.items()
        ]
        try:
            async with seated(theme, desk_folder, connection_to(server.address), more=world.more) as seat:
                review = seat.hosting.inbox_view.review
                for handle in handles:
                    problem = one_line((await show(seat, handle.id)).waiting.problem)
                    assert problem
                    assert problem in seat.words(review)
                await until(lambda: "did not answer in time" in seat.words(review), PATIENCE)
                await one_refund_is_decided(seat, server, world)
        finally:
            for handle in handles:
                await handle.terminate()

    play(story())


async def show(seat: Seat, run_id: str) -> InboxRow:
    """Open the item of a run, read or not."""
    row = await seat.waits(lambda row: run_of(row) == run_id)
    await seat.click_row(row)
    await until(lambda: seat.state.item is not None and seat.state.item.item_id == row.item_id, PATIENCE)
    return row


async def one_refund_is_decided(seat: Seat, server: RunningServer, world: World) -> None:
    """The window is alive, and others are as they were."""
    refund = await seat.waits(a_refund(world, Risk.MEDIUM))
    await seat.open(refund)
    receipt = await went_through(seat, server, await seat.decide(Verdict.APPROVE))
    refunded_once(world, world.orders_named(run_of(refund))[0], receipt)
