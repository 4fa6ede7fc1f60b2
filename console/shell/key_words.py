"""What is said of the signing key: in the status line while something is to be done about it, and in its dialog.

Needs no Qt. Invariant: each state that keeps decisions from counting names one next action.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.deciders import ANOTHER_KEY
from console.domain.display import one_line
from console.domain.identity import Identity
from console.domain.language import tr
from console.qtkit.tokens import Tone
from console.services.views import Enrolment, KeyStanding

NAME = 40
KEY_SHOWN = 8
REASON = 200
KEEP_IT = tr(
    "If a key of yours lies in the keyring, unlock that and ask it again. Else keep this key in a file, under a "
    "passphrase that opens it in the next session."
)
NEXT_SESSION = tr("The next session would sign with another one, which has to be enrolled first.")
UNTIL_UNLOCKED = tr(
    "Until it is unlocked you can read everything, and decide nothing. It stays unlocked until Clearance closes."
)
NEVER_AGAIN = tr("A key that ended never counts again.")
ELSEWHERE = tr("It has to be enrolled wherever you decide.")
FORGOTTEN = tr(
    "Forgotten? Nobody can open the file without it. “clearance keys new --file --replace” makes another key, which a "
    "supervisor then has to enrol."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCard:
    """What the dialog shows. ``action`` is what its button does, with a passphrase unless ``is_bare``.

    ``is_new`` asks for that twice; ``is_renewal`` makes another key; ``can_ask_keyring`` offers to ask the keyring once
    more; ``command`` is what a supervisor has to type; ``hint`` is said below that.
    """

    title: str
    icon: str
    tone: Tone
    words: tuple[str, ...]
    action: str = ""
    is_new: bool = False
    is_bare: bool = False
    is_renewal: bool = False
    can_ask_keyring: bool = False
    command: str = ""
    hint: str = ""


def key_status(identity: Identity, standings: Sequence[KeyStanding]) -> tuple[str, str]:
    """Icon and words for the status line; no words where nothing is to be done."""
    if identity.is_key_locked:
        return "lock", tr("Signing key is locked")
    wrong = _wrong(standings)
    is_over = wrong is not None and wrong.enrolment is Enrolment.ENDED
    if not identity.is_key_kept and not is_over:
        return "lock-open", tr("Signing key in memory for this session")
    if wrong is None:
        return "", ""
    name = one_line(wrong.connection[:NAME])
    said = {
        Enrolment.OTHER_KEY: tr("{name} knows another key of yours", name=name),
        Enrolment.ENDED: tr("Signing key has ended at {name}", name=name),
        Enrolment.UNKNOWN: tr("Signing key is not enrolled at {name}", name=name),
    }
    return "key-round", said[wrong.enrolment]


def key_card(identity: Identity, standings: Sequence[KeyStanding], command: str) -> KeyCard:
    """The dialog for the key as it is now; ``command`` enrols it."""
    if identity.is_key_locked:
        return _locked(identity)
    wrong = _wrong(standings)
    if wrong is not None and wrong.enrolment is Enrolment.ENDED:
        return _ended(identity, wrong)
    if not identity.is_key_kept:
        return _in_memory(identity, standings, command)
    place = tr(
        "Key {key_id} of {name} is {key_place}.",
        key_id=identity.key_id[:KEY_SHOWN],
        name=one_line(identity.person.name),
        key_place=tr(identity.key_place),
    )
    if wrong is None:
        counts = [tr("It counts at {standings}.", standings=_names(standings))] if standings else []
        return KeyCard(title=tr("Your signing key"), icon="key-round", tone=Tone.OK, words=(place, *counts))
    return KeyCard(
        title=tr("Your signing key does not count everywhere"),
        icon="key-round",
        tone=Tone.MEDIUM,
        words=(place, *_standing_words(wrong)),
        can_ask_keyring=wrong.enrolment is Enrolment.OTHER_KEY and not identity.is_key_in_file,
        command=command,
    )


def _ended(identity: Identity, wrong: KeyStanding) -> KeyCard:
    """A dead key is not offered to be kept."""
    name = one_line(wrong.connection[:NAME])
    new = (
        tr("a file under a new passphrase, in the place of this one")
        if identity.is_key_in_file
        else tr("the system keyring")
    )
    kept = tr(" It goes into {new}.", new=new) if identity.is_key_kept else ""
    which = tr("Key {key_id} of {name}", key_id=identity.key_id[:KEY_SHOWN], name=one_line(identity.person.name))
    return KeyCard(
        title=tr("Your signing key has ended at {name}", name=name),
        icon="key-round",
        tone=Tone.MEDIUM,
        words=(
            tr("{which} was {wrong}. {never_again}", which=which, wrong=_ending(wrong), never_again=NEVER_AGAIN),
            f"{ANOTHER_KEY}{kept} {ELSEWHERE}",
        ),
        action=tr("Make another key"),
        is_new=identity.is_key_in_file,
        is_bare=not identity.is_key_in_file,
        is_renewal=True,
    )


def _ending(wrong: KeyStanding) -> str:
    return one_line(wrong.ending[:REASON]) or "ended"


def _locked(identity: Identity) -> KeyCard:
    why = f" {tr(identity.key_reason)}" if identity.key_reason else ""
    return KeyCard(
        title=tr("Your signing key is locked"),
        icon="lock",
        tone=Tone.MEDIUM,
        words=(
            tr("It lies in a file under a passphrase.{why} {until_unlocked}", why=why, until_unlocked=UNTIL_UNLOCKED),
        ),
        hint=FORGOTTEN,
        action=tr("Unlock"),
    )


def _in_memory(identity: Identity, standings: Sequence[KeyStanding], command: str) -> KeyCard:
    wrong = _wrong(standings)
    made = tr("So Clearance made key {key_id} and holds it in memory.", key_id=identity.key_id[:KEY_SHOWN])
    return KeyCard(
        title=tr("Your signing key ends with this session"),
        icon="lock-open",
        tone=Tone.MEDIUM,
        words=(
            f"{tr(identity.key_reason)} {made} {NEXT_SESSION}",
            *(_standing_words(wrong) if wrong is not None else ()),
        ),
        hint=KEEP_IT,
        action=tr("Keep it in a file"),
        is_new=True,
        can_ask_keyring=True,
        command=command if wrong is not None else "",
    )


def _standing_words(wrong: KeyStanding) -> tuple[str, ...]:
    name = one_line(wrong.connection[:NAME])
    if wrong.enrolment is Enrolment.OTHER_KEY:
        since = (
            tr(", enrolled on {day} {since:%B %Y}", day=wrong.since.day, since=wrong.since)
            if wrong.since is not None
            else ""
        )
        return (
            tr(
                "{name} knows another key of yours, {key_id}{since}, and refuses what this one signs.",
                name=name,
                key_id=wrong.key_id[:KEY_SHOWN],
                since=since,
            ),
            tr("If the other one is lost, have a supervisor enrol this one, and revoke that:"),
        )
    return (tr("{name} does not know this key, and refuses what it signs. Have a supervisor enrol it:", name=name),)


def _wrong(standings: Sequence[KeyStanding]) -> KeyStanding | None:
    """The gravest: one that ended is of no use; where another of the same person counts, this was made by mistake."""
    order = (Enrolment.ENDED, Enrolment.OTHER_KEY, Enrolment.UNKNOWN)
    found = [each for each in standings if each.enrolment in order]
    return min(found, key=lambda each: order.index(each.enrolment), default=None)


def _names(standings: Sequence[KeyStanding]) -> str:
    return ", ".join(one_line(each.connection[:NAME]) for each in standings)
