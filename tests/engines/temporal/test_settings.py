"""What a person enters is checked before anything is dialled: addresses, encryption, certificates."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from console.domain.errors import Denied
from console.engines.temporal.settings import TemporalSettings, pem


@pytest.mark.parametrize(
    ("entered", "address", "host"),
    [
        ("temporal.example.org:7233", "temporal.example.org:7233", "temporal.example.org"),
        (" temporal.example.org ", "temporal.example.org:7233", "temporal.example.org"),
        ("127.0.0.1:80", "127.0.0.1:80", "127.0.0.1"),
        ("[::1]:7233", "[::1]:7233", "::1"),
        ("[::1]", "[::1]:7233", "::1"),
    ],
)
def test_an_address_is_a_host_and_a_port(entered: str, address: str, host: str) -> None:
    settings = TemporalSettings(address=entered, tls=True)
    assert (settings.address, settings.host) == (address, host)


@pytest.mark.parametrize("entered", ["", ":7233", "host:", "host:port", "host:0", "host:70000", "https://host:7233"])
def test_what_is_no_address_is_told(entered: str) -> None:
    with pytest.raises(ValidationError, match="host:port"):
        TemporalSettings(address=entered, tls=True)


@pytest.mark.parametrize("address", ["localhost:7233", "127.0.0.1:7233", "127.8.8.8:1", "[::1]:7233"])
def test_plaintext_is_fine_on_this_machine(address: str) -> None:
    settings = TemporalSettings(address=address)
    assert settings.is_local
    assert not settings.is_encrypted


def test_plaintext_to_elsewhere_has_to_be_allowed() -> None:
    with pytest.raises(ValidationError, match="TLS"):
        TemporalSettings(address="temporal.example.org")
    assert not TemporalSettings(address="temporal.example.org", allow_plaintext=True).is_encrypted


@pytest.mark.parametrize(
    "settings",
    [
        TemporalSettings(address="temporal.example.org", tls=True),
        TemporalSettings(address="temporal.example.org", api_key=SecretStr("key")),
        TemporalSettings(address="temporal.example.org", api_key=SecretStr("key"), allow_plaintext=True),
        TemporalSettings(address="temporal.example.org", ca_certificate="ca.pem"),
        TemporalSettings(address="temporal.example.org", client_certificate="own.pem", client_key=SecretStr("own.key")),
    ],
)
def test_whatever_is_secret_or_proves_something_travels_encrypted(settings: TemporalSettings) -> None:
    assert settings.is_encrypted


def test_a_client_certificate_comes_with_its_key() -> None:
    with pytest.raises(ValidationError, match="together"):
        TemporalSettings(tls=True, client_certificate="own.pem")


def test_secrets_are_not_printed() -> None:
    settings = TemporalSettings(
        api_key=SecretStr("hush"), client_certificate="own.pem", client_key=SecretStr("hush-hush")
    )
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()


def test_unknown_settings_are_told() -> None:
    with pytest.raises(ValidationError, match="adress"):
        TemporalSettings.model_validate({"adress": "localhost"})


def test_a_certificate_is_text_or_a_file(tmp_path: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\n…"
    file = tmp_path / "ca.pem"
    file.write_text(text, encoding="utf-8")
    assert pem("") is None
    assert pem(text) == pem(str(file)) == text.encode()
    file.write_text("not PEM", encoding="utf-8")
    with pytest.raises(Denied, match="not PEM"):
        pem(str(file))
