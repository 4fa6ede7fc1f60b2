"""What is said of the signing key in each of its states, and that each names what to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.domain.deciders import ANOTHER_KEY
from console.domain.identity import Identity
from console.services.views import Enrolment, KeyStanding
from console.shell.key_words import key_card, key_status
from tests.screens.inbox.makes import DANA

KEPT = Identity(DANA, "3fa8c02e" * 2, is_key_kept=True)
LOCKED = replace(KEPT, is_key_kept=False, is_key_locked=True, key_reason="This system has no keyring.")
MEMORY = replace(KEPT, is_key_kept=False, key_reason="The keyring is locked.")
IN_FILE = replace(KEPT, is_key_in_file=True, key_reason="This system has no keyring.")
GOOD = KeyStanding("tower-eu", Enrolment.VALID, KEPT.key_id)
OTHER = KeyStanding("tower-us", Enrolment.OTHER_KEY, "9e" * 8, datetime(2026, 11, 2, tzinfo=UTC))
ENDED = KeyStanding("tower-us", Enrolment.ENDED, KEPT.key_id, ending="revoked 09:12 by Eva: left\u202e the desk")
UNKNOWN = KeyStanding("tower-us", Enrolment.UNKNOWN)
COMMAND = "clearance keys enrol --person dana"


@pytest.mark.parametrize(
    ("identity", "standings", "words"),
    [
        (KEPT, (), ""),
        (KEPT, (GOOD,), ""),
        (IN_FILE, (GOOD,), ""),
        (LOCKED, (), "Signing key is locked"),
        (MEMORY, (OTHER,), "Signing key in memory for this session"),
        (KEPT, (GOOD, UNKNOWN), "Signing key is not enrolled at tower-us"),
        (KEPT, (UNKNOWN, OTHER), "tower-us knows another key of yours"),
        (KEPT, (OTHER, ENDED), "Signing key has ended at tower-us"),
        (MEMORY, (ENDED,), "Signing key has ended at tower-us"),
    ],
)
def test_the_status_line_speaks_only_where_something_is_to_be_done(
    identity: Identity, standings: tuple[KeyStanding, ...], words: str
) -> None:
    assert key_status(identity, standings)[1] == words


def test_a_locked_key_asks_for_its_passphrase_and_says_what_it_is_for() -> None:
    card = key_card(LOCKED, (), COMMAND)
    assert (card.action, card.is_new, card.command) == ("Unlock", False, "")
    assert "This system has no keyring." in card.words[0]
    assert "decide nothing" in card.words[0]
    assert "clearance keys new --file --replace" in card.hint
    assert LOCKED.key_id[:8] not in " ".join(card.words)


def test_a_key_in_memory_can_be_kept_or_looked_for_in_the_keyring() -> None:
    card = key_card(MEMORY, (), COMMAND)
    assert (card.action, card.is_new, card.can_ask_keyring, card.command) == ("Keep it in a file", True, True, "")
    assert card.words[0].startswith("The keyring is locked. So Clearance made key 3fa8c02e")
    assert "unlock that and ask it again" in card.hint


def test_a_lost_key_names_the_one_that_counts_and_what_a_supervisor_types() -> None:
    for identity in (KEPT, MEMORY):
        card = key_card(identity, (GOOD, OTHER), COMMAND)
        said = " ".join(card.words)
        assert "tower-us knows another key of yours, 9e9e9e9e, enrolled on 2 November 2026" in said
        assert "have a supervisor enrol this one, and revoke that" in said
        assert (card.command, card.can_ask_keyring) == (COMMAND, True)
    assert not key_card(IN_FILE, (OTHER,), COMMAND).can_ask_keyring


def test_a_key_that_ended_is_neither_kept_nor_enrolled_again_and_an_unknown_one_is() -> None:
    for identity in (KEPT, MEMORY, IN_FILE):
        ended = key_card(identity, (GOOD, ENDED), COMMAND)
        assert ended.words[0].startswith("Key 3fa8c02e of Dana Kern was revoked 09:12 by Eva: left")
        assert "\u202e" not in ended.words[0]
        assert ended.words[1].startswith(ANOTHER_KEY)
        assert (ended.action, ended.is_renewal, ended.command) == ("Make another key", True, "")
        assert ended.is_new is identity.is_key_in_file
    assert key_card(KEPT, (UNKNOWN,), COMMAND).command == COMMAND


def test_a_key_that_counts_says_where() -> None:
    card = key_card(IN_FILE, (GOOD,), COMMAND)
    assert card.words == (
        "Key 3fa8c02e of Dana Kern is in its file, unlocked for this session.",
        "It counts at tower-eu.",
    )
    assert (card.action, card.command) == ("", "")
