"""Adding, changing, testing and removing connections; their secrets."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest

from console.domain.decision import DecisionState
from console.domain.errors import RefusalCode, Refused
from console.domain.escalation import Waiting
from console.engines.fake.engine import FakeEngine
from console.engines.fake.server import FakeServer
from console.engines.port import Engine, Server
from console.services.views import CheckResult, ConnectionConfig, Health
from tests.services.engines import Around, Buggy, Pausing
from tests.services.office import GATE, LEDGER, Office, in_loop

WITH_KEY = dataclasses.replace(LEDGER, secret_names=("api_key",))
NAME = "connection/ledger/api_key"


class Given:
    """Which secrets engines were built with."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.secrets: list[dict[str, str]] = []

    def make(self, config: ConnectionConfig, secrets: Mapping[str, str]) -> Engine:
        self.secrets.append(dict(secrets))
        return self.office.engine(config, secrets)


@in_loop
async def test_secrets_lie_in_the_keyring_and_nowhere_else(office: Office) -> None:
    given = Given(office)
    desk = await office.open(make=given.make)
    view = await desk.desk.add_connection(LEDGER, {"api_key": "sesame"})
    assert view.config == WITH_KEY
    await desk.desk.listed(30)
    assert office.ring.kept[NAME] == "sesame"
    assert given.secrets[-1] == {"api_key": "sesame"}
    await desk.desk.stop()
    for path in office.folder.iterdir():
        assert not path.is_file() or b"sesame" not in path.read_bytes(), path.name
    again = await office.open(make=given.make)
    await again.desk.listed(30)
    assert given.secrets[-1] == {"api_key": "sesame"}


@in_loop
async def test_editing_keeps_replaces_and_forgets_secrets(office: Office) -> None:
    given = Given(office)
    desk = await office.open(make=given.make)
    await desk.desk.add_connection(LEDGER, {"api_key": "sesame"})
    renamed = dataclasses.replace(WITH_KEY, name="Books")
    view = await desk.desk.edit_connection(renamed, {})
    assert view.config == renamed
    await desk.desk.listed(30)
    assert given.secrets[-1] == {"api_key": "sesame"}
    await desk.desk.edit_connection(renamed, {"api_key": "open"})
    await desk.desk.listed(30)
    assert given.secrets[-1] == {"api_key": "open"}
    view = await desk.desk.edit_connection(renamed, {"api_key": ""})
    assert view.config.secret_names == ()
    assert NAME not in office.ring.kept
    await desk.desk.listed(30)
    assert given.secrets[-1] == {}


@in_loop
async def test_an_edited_connection_keeps_what_waits(office: Office) -> None:
    office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await desk.desk.edit_connection(dataclasses.replace(LEDGER, name="Books"), {})
    assert await office.titles(desk) == [GATE.title]
    await desk.desk.listed(30)
    (row,) = (await desk.desk.inbox(office.everything)).rows
    assert row.connection == "Books"
    assert await office.titles(desk, text="book") == [GATE.title]
    assert await office.titles(desk, text="ledger") == []


@in_loop
async def test_removing_takes_what_waits_and_the_secrets(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open()
    await desk.desk.add_connection(LEDGER, {"api_key": "sesame"})
    await desk.desk.listed(30)
    decision_id = await office.decide(desk, key, is_hold=True)
    await desk.desk.remove_connection("ledger")
    assert await desk.desk.connections() == ()
    assert await office.titles(desk) == []
    assert NAME not in office.ring.kept
    view = await desk.desk.decision(decision_id)
    assert view is not None
    assert view.state is DecisionState.WITHDRAWN
    assert view.connection == "Ledger"


@in_loop
async def test_nothing_is_removed_while_an_outcome_is_not_known(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    pausing = Pausing(FakeEngine(office.server), before=True)
    desk = await office.open_with_ledger(make=lambda *_: pausing)
    decision_id = await office.decide(desk, key)
    await office.reaches(desk, decision_id, DecisionState.SENDING)
    with pytest.raises(Refused) as refused:
        await desk.desk.remove_connection("ledger")
    assert refused.value.code == RefusalCode.BUSY
    pausing.let_go.set()
    await office.reaches(desk, decision_id, DecisionState.CARRIED_OUT)
    await desk.desk.remove_connection("ledger")


@in_loop
async def test_a_paused_connection_is_left_alone(office: Office) -> None:
    key = office.server.open(office.server.start_run(), GATE)
    desk = await office.open_with_ledger()
    await office.read(desk, key)
    await desk.desk.pause_connection("ledger", is_paused=True)
    (view,) = await desk.desk.connections()
    assert view.health is Health.PAUSED
    decision_id = await office.decide_as_shown(desk, key)
    for _ in range(20):
        office.clock.advance(1)
        await asyncio.sleep(0.002)
    waiting = await desk.desk.decision(decision_id)
    assert waiting is not None
    assert waiting.state is DecisionState.QUEUED
    assert "paused" in waiting.message
    await desk.desk.pause_connection("ledger", is_paused=False)
    await office.reaches(desk, decision_id, DecisionState.CARRIED_OUT)


@in_loop
async def test_two_connections_to_one_server_are_told(office: Office) -> None:
    desk = await office.open_with_ledger()
    twin = ConnectionConfig(connection_id="twin", name="Twin", kind="fake", settings={"address": "ledger"})
    checks = await desk.desk.test_connection(twin, {})
    assert any(check.result is CheckResult.BAD and "“Ledger”" in check.text for check in checks)
    await desk.desk.add_connection(twin, {})
    await desk.desk.listed(30)
    view = next(each for each in await desk.desk.connections() if each.config == twin)
    assert view.health is Health.DENIED
    assert "same server as “Ledger”" in view.message
    assert view.next_action


@in_loop
async def test_a_test_says_what_is_there_and_changes_nothing(office: Office) -> None:
    class Notable(Around):
        async def open(self) -> Server:
            server = await super().open()
            return dataclasses.replace(server, skew=timedelta(minutes=-9), notices=("No worker answers.",))

    office.server.open_many(3, lambda _: GATE)
    desk = await office.open(make=lambda *_: Notable(FakeEngine(office.server)))
    checks = await desk.desk.test_connection(LEDGER, {})
    texts = {check.text: check for check in checks}
    assert checks[0].took_ms is not None
    assert checks[0].text == "Reached fake 1, memory."
    assert texts["No worker answers."].result is CheckResult.WARNING
    assert texts["Its clock differs from this one by 9 min."].next_action
    assert any(text.startswith("Takes these verdicts: answer, approve") for text in texts)
    assert any(text.startswith("Decisions are recorded, not enforced") for text in texts)
    assert "3 items wait there for a person, or more." in texts
    assert await desk.desk.connections() == ()
    assert await office.titles(desk) == []


@in_loop
async def test_a_test_tells_an_empty_list_from_a_failure(office: Office) -> None:
    class Slow(Around):
        async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
            await asyncio.sleep(0.001)
            async for page in super().waiting():
                yield page

    desk = await office.open(make=lambda *_: Slow(FakeEngine(office.server)))
    checks = await desk.desk.test_connection(LEDGER, {})
    assert checks[-1].text == "Nothing waits for a person there now."
    office.server.open(office.server.start_run(), GATE)
    checks = await desk.desk.test_connection(LEDGER, {})
    assert checks[-1].text == "One item waits there for a person, or more."


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("away", "Nothing answers at this address."),
        ("denied", "The key was rejected."),
        ("open", "KeyError"),
        ("waiting", "KeyError"),
    ],
)
@in_loop
async def test_a_test_says_what_is_wrong(office: Office, fault: str, told: str) -> None:
    desk = await office.open(make=lambda *_: Buggy(FakeEngine(office.server), fault))
    if fault == "away":
        office.server.go_away()
    office.server.faults.denied = "The key was rejected." if fault == "denied" else ""
    (bad,) = [check for check in await desk.desk.test_connection(LEDGER, {}) if check.result is CheckResult.BAD]
    assert told in bad.text
    assert bad.next_action


@in_loop
async def test_a_test_of_an_unknown_kind_names_the_known(office: Office) -> None:
    desk = await office.open()
    (bad,) = await desk.desk.test_connection(dataclasses.replace(LEDGER, kind="steam"), {})
    assert bad.result is CheckResult.BAD
    assert "there are: fake" in bad.text


@in_loop
async def test_a_test_can_be_cancelled(office: Office) -> None:
    office.server.faults.delay = 600
    desk = await office.open()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await desk.desk.test_connection(LEDGER, {})
    office.server.faults.delay = 0


@in_loop
async def test_several_connections_side_by_side(office: Office) -> None:
    office.servers["other"] = FakeServer("two", clock=office.clock.now)
    here = office.server.open(office.server.start_run(), GATE)
    there = office.servers["other"].open(office.servers["other"].start_run(), dataclasses.replace(GATE, title="There"))
    desk = await office.open_with_ledger()
    await desk.desk.add_connection(ConnectionConfig(connection_id="other", name="Other", kind="fake"), {})
    await desk.desk.listed(30)
    assert sorted(await office.titles(desk)) == sorted([GATE.title, "There"])
    office.server.go_away()
    decision_id = await office.decide(desk, there)
    await office.reaches(desk, decision_id, DecisionState.CARRIED_OUT)
    assert (await desk.desk.item(here.item_id)) is not None
