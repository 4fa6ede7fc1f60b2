"""A language model's endpoint over real HTTP: answers put together from a stream, and every way in which it fails."""

from __future__ import annotations

import asyncio
import json
import socket
import threading

import pytest

from console.tower.model import (
    Answer,
    Call,
    Model,
    ModelBroke,
    ModelBusy,
    ModelDenied,
    ModelDown,
    ModelFailed,
    ModelRambled,
    ModelSettings,
)
from tests.model_stub import Reply, Stub, fails, one_after_the_other, says, stub

KEY = "sk-opens-nothing-at-all-1234"
TEXT = "Größe: 7 × „gut“ — naïve 漢字"


def model(one: Stub, waited: list[float] | None = None, **more: float) -> Model:
    async def pause(seconds: float) -> None:
        if waited is not None:
            waited.append(seconds)

    settings = ModelSettings(url=one.url, model="m-1", api_key=KEY, **more)  # type: ignore[arg-type]
    return Model(settings, pause)


def ask(one: Model, heard: list[str] | None = None) -> Answer:
    tools = [{"type": "function", "function": {"name": "look", "parameters": {}}}]
    said = [{"role": "user", "content": "Look"}]
    return asyncio.run(one.ask(said, tools, (heard if heard is not None else []).append))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 3, 64, 100_000])
def test_an_answer_is_put_together_however_it_is_cut(size: int) -> None:
    calls = (("look", {"where": TEXT}), ("finish", {"n": 1}))
    heard: list[str] = []
    with stub(lambda _: says(TEXT, *calls, reasoning="Let me see.", usage=(321, 45), size=size)) as one:
        answer = ask(model(one), heard)
    assert (answer.text, answer.reasoning) == (TEXT, "Let me see.")
    assert answer.calls == tuple(
        Call(f"call-{number}", name, json.dumps(arguments)) for number, (name, arguments) in enumerate(calls)
    )
    assert (answer.tokens_in, answer.tokens_out) == (321, 45)
    assert heard[0] == "Let me "
    assert heard[-1] == "Let me see." + TEXT
    ((headers, body),) = one.requests
    assert headers["authorization"] == f"Bearer {KEY}"
    assert (body["model"], body["stream"], body["max_tokens"]) == ("m-1", True, 2_000)
    assert body["messages"] == [{"role": "user", "content": "Look"}]
    assert KEY not in json.dumps(body)


def test_an_endpoint_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "Hello", "tool_calls": [{"id": "x", "function": {"name": "look"}}]}
    whole = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
    with stub(lambda _: Reply(headers={"content-type": "application/json"}, pieces=(whole,))) as one:
        answer = ask(model(one))
    assert (answer.text, answer.calls) == ("Hello", (Call("x", "look", ""),))
    assert answer.tokens_in > 0
    assert answer.tokens_out > 0


def event(text: str) -> Reply:
    return Reply(pieces=(f"data: {text}\n\n".encode(),))


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (fails(401, "no such key"), ModelDenied, "answers 401: .*no such key"),
        (fails(404, "no such model"), ModelDenied, "answers 404"),
        (fails(429, "slow down", retry_after="86400"), ModelBusy, "busy .429.: .*slow down"),
        (fails(500, "oh"), ModelDown, "fails with 500"),
        (fails(503, "oh", retry_after="1"), ModelDown, "fails with 503"),
        (fails(302, location="http://127.0.0.1:1/steal"), ModelRambled, "answers 302"),
        (event("{broken"), ModelRambled, "no JSON: .broken"),
        (event("[1]"), ModelRambled, "no object"),
        (event("[" * 100_000), ModelRambled, "no JSON"),
        (event('{"error": {"message": "overloaded"}}'), ModelDown, "overloaded"),
        (event('{"choices": [{"delta": {"tool_calls": [7]}}]}'), ModelRambled, "no call"),
        (Reply(pieces=(b'data: {"choices": []}\n\n',)), ModelBroke, "before its end"),
        (Reply(pieces=(b'data: {"choices": []}\n\n',), breaks=True), ModelBroke, "broke off"),
        (Reply(pieces=(b"x" * 300_000,)), ModelBroke, "longer than"),
        (Reply(pieces=tuple(b": " + b"x" * 1_000 + b"\n" for _ in range(2_100))), ModelBroke, "longer than"),
        (event(json.dumps({"choices": [{"delta": {"tool_calls": [{"function": {}}] * 99}}]})), ModelRambled, "at once"),
    ],
)
def test_each_failure_is_of_a_kind(reply: Reply, error: type[ModelFailed], words: str) -> None:
    with stub(lambda _: reply) as one, pytest.raises(error, match=words) as caught:
        ask(model(one))
    assert type(caught.value) is error
    assert KEY not in str(caught.value)


def test_an_answer_that_stalls_is_broken_off() -> None:
    go_on = threading.Event()
    with stub(lambda _: Reply(pieces=(b": still here\n\n", b": more\n\n"), until=go_on)) as one:
        with pytest.raises(ModelBroke, match=r"silent for 0\.3 s"):
            ask(model(one, stall=0.3))
        go_on.set()


def test_where_nobody_answers_it_is_down() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(ModelDown, match=r"Nothing answers at http://127\.0\.0\.1:"):
            ask(model(Stub(lambda _: says(), port=taken.getsockname()[1])))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry_after": "7"}, 7.0),
        ({}, 1.0),
        ({"retry_after": "rubbish"}, 1.0),
        ({"date": "Sat, 21 Nov 2026 08:00:00 GMT", "retry_after": "Sat, 21 Nov 2026 08:00:09 GMT"}, 9.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_endpoint_is_asked_again_when_it_says(status: int, headers: dict[str, str], expected: float) -> None:
    waited: list[float] = []
    with stub(one_after_the_other([fails(status, **headers), says("at last")])) as one:
        assert ask(model(one, waited)).text == "at last"
    assert waited == [expected]
    assert len(one.requests) == 2


@pytest.mark.parametrize(("seconds", "asked", "waits"), [("9", 3, [9.0, 9.0]), ("15", 2, [15.0]), ("21", 1, [])])
def test_it_is_not_waited_for_longer_than_patience_lasts(seconds: str, asked: int, waits: list[float]) -> None:
    waited: list[float] = []
    with stub(lambda _: fails(429, retry_after=seconds)) as one, pytest.raises(ModelBusy):
        ask(model(one, waited))
    assert (len(one.requests), waited) == (asked, waits)


def test_what_began_is_never_asked_for_twice() -> None:
    waited: list[float] = []
    with stub(lambda _: Reply(pieces=(b'data: {"choices": []}\n\n',), breaks=True)) as one, pytest.raises(ModelBroke):
        ask(model(one, waited))
    assert (len(one.requests), waited) == (1, [])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "ftp://x/v1"}, "has to begin with https"),
        ({"url": "nonsense"}, "has to begin with https"),
        ({"url": "http://models.example.com/v1"}, "Without TLS"),
        ({"url": "https://user:secret@models.example.com/v1"}, "holds no secrets"),
        ({"url": "https://models.example.com/v1?key=secret"}, "holds no secrets"),
        ({"model": ""}, "name is missing"),
        ({"stall": 0.0}, "more than 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, object], words: str) -> None:
    settings = ModelSettings(**{"url": "https://models.example.com/v1", "model": "m"} | changes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=words):
        Model(settings)


def test_plaintext_beyond_this_machine_is_a_choice() -> None:
    for url in ("http://127.0.0.1:1/v1", "http://[::1]:1/v1", "http://localhost/v1", "https://models.example.com"):
        assert ModelSettings(url=url, model="m").problems() == ()
    assert ModelSettings(url="http://models.example.com", model="m", is_plaintext_allowed=True).problems() == ()


def test_the_key_is_shown_nowhere_and_costs_add_up() -> None:
    settings = ModelSettings(url="https://x.example/v1", model="m", api_key=KEY, price_in=2.5, price_out=10.0)
    assert KEY not in repr(settings)
    assert settings.cost(1_000_000, 0) == 2.5
    assert settings.cost(400, 100) == pytest.approx(0.002)
