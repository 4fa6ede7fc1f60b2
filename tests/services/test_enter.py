"""What a person enters becomes a configuration, or is told what is wrong, before anything is tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.services.enter import Entry, config, entry_of, is_loopback, problems, secrets

GOOD = Entry(name="finance", address="temporal.example.com:7233", namespace="finance", tls=True)


def test_a_complete_entry_is_a_configuration() -> None:
    made = config(replace(GOOD, api_key="k-1", ca_path=" /etc/ca.pem "))
    assert problems(GOOD) == {}
    assert (made.name, made.kind, made.secret_names) == ("finance", "temporal", ("api_key",))
    assert made.settings == {
        "address": "temporal.example.com:7233",
        "namespace": "finance",
        "tls": True,
        "ca_path": "/etc/ca.pem",
        "client_cert_path": "",
        "client_key_path": "",
        "server_name": "",
        "allow_plaintext": False,
    }


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("temporal.example.com:7233", True),
        ("127.0.0.1:7233", True),
        ("[::1]:7233", True),
        ("localhost:65535", True),
        ("", False),
        ("temporal.example.com", False),
        ("temporal.example.com:", False),
        ("temporal.example.com:0", False),
        ("temporal.example.com:65536", False),
        ("http://temporal.example.com:7233", False),
        ("two words:7233", False),
        ("host:7233/path", False),
    ],
)
def test_an_address_is_host_and_port(address: str, is_good: bool) -> None:
    assert ("address" not in problems(replace(GOOD, address=address))) is is_good


def test_plaintext_beyond_this_machine_needs_a_word() -> None:
    plain = replace(GOOD, tls=False)
    assert "allow_plaintext" in problems(plain)
    assert problems(replace(plain, allow_plaintext=True)) == {}
    assert problems(replace(plain, address="localhost:7233")) == {}
    assert config(replace(plain, address="localhost:7233", allow_plaintext=True)).settings["allow_plaintext"] is False


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("localhost.example.com", False)],
)
def test_loopback_is_told_by_its_name_alone(host: str, is_here: bool) -> None:
    assert is_loopback(host) is is_here


def test_an_api_key_goes_over_tls_only() -> None:
    assert "tls" in problems(replace(GOOD, tls=False, api_key="k"))
    assert "tls" in problems(replace(GOOD, tls=False, keeps_api_key=True))


def test_a_client_certificate_and_its_key_go_together() -> None:
    assert "client_key_path" in problems(replace(GOOD, client_cert_path="c.pem"))
    assert "client_cert_path" in problems(replace(GOOD, client_key_path="k.pem"))
    assert problems(replace(GOOD, client_cert_path="c.pem", client_key_path="k.pem")) == {}


def test_names_are_needed_and_taken_once() -> None:
    assert "name" in problems(replace(GOOD, name="  "))
    assert "name" in problems(GOOD, {"finance"})
    assert "namespace" in problems(replace(GOOD, namespace=" "))


def test_what_belongs_to_tls_goes_with_it() -> None:
    made = config(replace(GOOD, tls=False, address="localhost:7233", ca_path="ca.pem", server_name="x"))
    assert (made.settings["ca_path"], made.settings["server_name"]) == ("", "")


def test_changing_keeps_who_it_is() -> None:
    known = replace(config(GOOD), is_paused=True, is_demo=True)
    changed = config(replace(entry_of(known), name="other"), known)
    assert changed == replace(known, name="other")


def test_a_kept_key_stays_is_replaced_or_is_forgotten() -> None:
    known = config(replace(GOOD, api_key="k-1"))
    entry = entry_of(known)
    assert entry.keeps_api_key
    assert secrets(entry, known) == {}
    assert secrets(replace(entry, api_key=" k-2 "), known) == {"api_key": "k-2"}
    assert secrets(replace(entry, keeps_api_key=False), known) == {"api_key": ""}
    assert config(replace(entry, keeps_api_key=False), known).secret_names == ()


def test_the_key_is_in_no_text_of_the_entry() -> None:
    assert "geheim" not in repr(replace(GOOD, api_key="geheim"))


def test_a_langgraph_connection_has_its_own_fields_and_none_of_the_others() -> None:
    entry = Entry(kind="langgraph", name="agents", address="graphs.example.com:443", tls=True, namespace="")
    assert problems(entry) == {}
    made = config(replace(entry, assistants=" refunds,, support ", bearer=True, api_key="k-1"))
    assert (made.kind, made.secret_names) == ("langgraph", ("api_key",))
    assert made.settings == {
        "address": "graphs.example.com:443",
        "tls": True,
        "ca_path": "",
        "allow_plaintext": False,
        "assistants": "refunds, support",
        "bearer": True,
    }
    assert entry_of(made) == replace(
        entry, assistants="refunds, support", bearer=True, keeps_api_key=True, namespace=""
    )
    assert "graphs.example.com" in problems(replace(entry, address=""))["address"]


def test_a_key_for_langgraph_stays_on_this_machine_or_goes_over_tls() -> None:
    entry = Entry(kind="langgraph", name="agents", address="localhost:2024", api_key="k-1")
    assert problems(entry) == {}
    assert "tls" in problems(replace(entry, address="graphs.example.com:80"))
