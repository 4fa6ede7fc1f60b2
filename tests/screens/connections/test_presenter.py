"""Adding, testing, changing and removing connections on a real desk with a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.engines.fake.record import Opening
from console.engines.fake.server import FakeServer
from console.infra.clock import SystemClock
from console.infra.secrets import Ring
from console.screens import OpenInbox
from console.screens.connections.presenter import UNSAVED, ConnectionsPresenter
from console.screens.connections.state import Editing
from console.services.views import CheckResult, Health
from tests.screens.asking import Asking, asking
from tests.screens.connections.network import Temporal
from tests.screens.stage import MemoryRing, Stage, stage, until

Act = Callable[[ConnectionsPresenter, Stage, Asking], Awaitable[None]]


def play(
    folder: Path, temporal: Temporal, act: Act, *servers: FakeServer, open_ring: Callable[[], Ring] = MemoryRing
) -> None:
    async def whole() -> None:
        factories = {"temporal": temporal.engine}
        async with stage(folder, servers, factories=factories, open_ring=open_ring) as made, asking() as window:
            presenter = ConnectionsPresenter(made.desk, window.ask, window.navigate, SystemClock())
            presenter.on_shown()
            await until(lambda: presenter.state.is_read)
            await act(presenter, made, window)
            presenter.on_hidden()

    asyncio.run(whole())


def names(presenter: ConnectionsPresenter) -> list[str]:
    return [view.config.name for view in presenter.state.views]


def form(presenter: ConnectionsPresenter) -> Editing:
    assert presenter.state.editing is not None
    return presenter.state.editing


def enter(presenter: ConnectionsPresenter, name: str, address: str = "finance:7233", **more: str | bool) -> None:
    presenter.on_new()
    presenter.on_enter(name=name, address=address, tls=True, **more)


def test_a_connection_is_added_tested_and_live(tmp_path: Path) -> None:
    finance = FakeServer("finance")
    finance.open(finance.start_run(), Opening())
    temporal = Temporal(finance)

    async def act(presenter: ConnectionsPresenter, made: Stage, _window: Asking) -> None:
        enter(presenter, "finance", api_key="k-1")
        presenter.on_test()
        await until(lambda: presenter.state.test is not None and bool(presenter.state.test.checks))
        assert presenter.state.test is not None
        assert presenter.state.test.checks[0].result is CheckResult.GOOD
        assert names(presenter) == []
        presenter.on_save()
        await until(lambda: names(presenter) == ["finance"])
        assert presenter.state.editing is None
        await until(lambda: is_live(presenter, made))
        assert presenter.state.selected is not None
        assert presenter.state.selected.config.secret_names == ("api_key",)
        assert set(temporal.keys) == {"k-1"}

    play(tmp_path, temporal, act)


async def is_live(presenter: ConnectionsPresenter, made: Stage) -> bool:
    presenter.on_events([])
    await made.desk.refresh_all()
    presenter.open()
    await asyncio.sleep(0.01)
    chosen = presenter.state.selected
    return chosen is not None and chosen.health is Health.LIVE and chosen.waiting == 1


def test_what_is_wrong_is_said_once_the_person_goes_on(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_new()
        assert form(presenter).problems
        assert form(presenter).shown_problems == {}
        presenter.on_save()
        assert set(form(presenter).shown_problems) == {"name", "address"}
        presenter.on_enter(name="tower-eu", address="finance:7233")
        assert set(form(presenter).shown_problems) == {"name", "allow_plaintext"}
        presenter.on_test()
        assert presenter.state.test is None

    play(tmp_path, Temporal(), act, FakeServer("tower-eu"))


@pytest.mark.parametrize(
    ("address", "key", "words"),
    [
        ("nowhere:7233", "k-1", "Nothing answers at nowhere:7233."),
        ("finance:7233", "wrong", "does not accept the API key"),
    ],
)
def test_a_bad_connection_is_told_with_what_to_do_and_the_others_live_on(
    tmp_path: Path, address: str, key: str, words: str
) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        enter(presenter, "bad", address, api_key=key)
        presenter.on_test()
        await until(lambda: presenter.state.test is not None and bool(presenter.state.test.checks))
        assert presenter.state.test is not None
        check = presenter.state.test.checks[0]
        assert check.result is CheckResult.BAD
        assert words in check.text
        assert check.next_action
        assert presenter.state.views[0].health is Health.LIVE

    play(tmp_path, Temporal(FakeServer("finance")), act, FakeServer("tower-eu"))


def test_a_test_can_be_cancelled(tmp_path: Path) -> None:
    slow = FakeServer("finance")
    slow.faults.delay = 30

    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        enter(presenter, "finance")
        presenter.on_test()
        await until(lambda: presenter.state.test is not None and presenter.state.test.is_running)
        presenter.on_test()
        await asyncio.sleep(0.05)
        presenter.on_cancel_test()
        await until(lambda: presenter.state.test is not None and presenter.state.test.was_cancelled)
        presenter.on_discard()
        assert presenter.state.test is None

    play(tmp_path, Temporal(slow), act)


def test_what_was_typed_is_not_lost_by_a_click_in_the_list(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, window: Asking) -> None:
        presenter.on_new()
        presenter.on_select("two")
        presenter.on_edit()
        presenter.on_enter(name="renamed")
        presenter.on_select("one")
        assert (presenter.state.selected_id, presenter.state.notice) == ("two", UNSAVED)
        presenter.on_new()
        presenter.on_back()
        assert form(presenter).entry.name == "renamed"
        presenter.on_discard()
        presenter.on_back()
        assert window.went == [OpenInbox()]

    play(tmp_path, Temporal(), act, FakeServer("one"), FakeServer("two"))


def test_a_key_that_is_kept_stays_until_it_is_replaced_or_forgotten(tmp_path: Path) -> None:
    temporal = Temporal(FakeServer("finance"))

    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        enter(presenter, "finance", api_key="k-1")
        presenter.on_save()
        await until(lambda: names(presenter) == ["finance"])
        presenter.on_edit()
        assert (form(presenter).entry.api_key, form(presenter).entry.keeps_api_key) == ("", True)
        presenter.on_enter(name="renamed")
        presenter.on_save()
        await until(lambda: names(presenter) == ["renamed"])
        assert temporal.keys[-1] == "k-1"
        presenter.on_edit()
        presenter.on_enter(keeps_api_key=False)
        presenter.on_save()
        await until(lambda: temporal.keys[-1] == "")
        await until(lambda: presenter.state.views[0].config.secret_names == ())

    play(tmp_path, temporal, act)


def test_pausing_and_going_on(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_pause()
        await until(lambda: presenter.state.views[0].health is Health.PAUSED)
        presenter.on_pause()
        await until(lambda: presenter.state.views[0].health is not Health.PAUSED)
        presenter.on_reconnect()
        await until(lambda: not presenter.state.is_busy)

    play(tmp_path, Temporal(), act, FakeServer("one"))


def test_removing_asks_first(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        presenter.on_select("one")
        presenter.on_removal_confirmed()
        await asyncio.sleep(0.02)
        assert names(presenter) == ["one", "two"]
        presenter.on_remove()
        presenter.on_back()
        presenter.on_removal_confirmed()
        await asyncio.sleep(0.02)
        assert names(presenter) == ["one", "two"]
        presenter.on_remove()
        presenter.on_removal_confirmed()
        await until(lambda: names(presenter) == ["two"])
        assert presenter.state.selected_id == "two"

    play(tmp_path, Temporal(), act, FakeServer("one"), FakeServer("two"))


def no_ring() -> Ring:
    raise OSError("no bus")


def test_without_a_keyring_the_form_says_where_secrets_are(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        await until(lambda: "until Clearance closes" in presenter.state.keyring)

    play(tmp_path, Temporal(), act, open_ring=no_ring)


def test_with_a_keyring_nothing_is_said(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        assert presenter.state.keyring == ""

    play(tmp_path, Temporal(), act)


def test_opening_leads_to_a_connection_or_to_the_form(tmp_path: Path) -> None:
    async def act(presenter: ConnectionsPresenter, _made: Stage, _window: Asking) -> None:
        presenter.open("two")
        assert presenter.state.selected_id == "two"
        presenter.open(is_new=True)
        assert form(presenter).known is None

    play(tmp_path, Temporal(), act, FakeServer("one"), FakeServer("two"))


def test_the_demo_is_started_again_from_where_its_loss_is_told(tmp_path: Path) -> None:
    server = FakeServer("tower-eu")
    started: list[str] = []

    async def start(say: Callable[[str], None]) -> None:
        say("Starting a worker")
        started.append("once")
        server.work_again()
        await asyncio.sleep(0)

    async def act(_presenter: ConnectionsPresenter, made: Stage, window: Asking) -> None:
        presenter = ConnectionsPresenter(made.desk, window.ask, window.navigate, SystemClock(), start)
        config = (await made.desk.connections())[0].config
        await made.desk.edit_connection(replace(config, is_demo=True), {})
        presenter.on_shown()
        await until(lambda: presenter.state.selected is not None and presenter.state.selected.health is Health.LIVE)
        assert not presenter.state.is_demo_away
        server.stop_working()
        await until(lambda: presenter.state.is_demo_away)
        presenter.on_start_demo()
        await until(lambda: started == ["once"] and not presenter.state.is_busy)
        await until(lambda: not presenter.state.is_demo_away)
        presenter.on_hidden()

    play(tmp_path, Temporal(), act, server)
