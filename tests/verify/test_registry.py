"""The log of keys proves who may sign: only the root or a supervisor adds to it, and nothing in it can be changed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from console.domain.identity import Person, Role
from console.domain.registry import KeyAct, RegistryEntry, entry_content
from console.verify.entries import enrol, open_log, revoke, rotate
from console.verify.registry import Registry, admitted, read_registry
from console.verify.signatures import key_id, sign
from console.verify.trust import Distrusted, Doubt
from tests.verify.people import (
    ANA,
    BEN,
    EVA,
    IAN,
    MORNING,
    ROOT,
    SERVER,
    empty,
    key_of,
    public_of,
    with_people,
)

LATER = MORNING + timedelta(hours=1)


def id_of(person: Person, number: int = 0) -> str:
    return key_id(public_of(key_of(person, number)))


def refused(registry: Registry, entry: RegistryEntry) -> str:
    with pytest.raises(Distrusted) as caught:
        admitted(registry, entry)
    assert caught.value.code == Doubt.REGISTRY
    return caught.value.message


def test_a_supervisor_enrols_another_person_and_nobody_else_does() -> None:
    registry = with_people(empty(), BEN, ANA)
    by_ben = enrol(registry, key_of(BEN), LATER, person=EVA, public=public_of(key_of(EVA)))
    assert admitted(registry, by_ben).record(id_of(EVA)).person == EVA
    for by in (key_of(ANA), key_of(IAN)):
        refused(registry, enrol(registry, by, LATER, person=EVA, public=public_of(key_of(EVA))))
    refused(registry, enrol(registry, key_of(BEN), LATER, person=BEN, public=public_of(key_of(BEN, 1))))


def test_one_login_is_one_person_but_in_a_demo() -> None:
    second = Person("ben-2", "Ben too", Role.SUPERVISOR)
    for is_demo in (False, True):
        registry = with_people(empty(is_demo=is_demo), BEN)
        entry = enrol(registry, key_of(BEN), LATER, person=second, public=public_of(key_of(second)), account="ben@desk")
        if is_demo:
            registry = admitted(registry, entry)
        else:
            refused(registry, entry)
            entry = enrol(registry, ROOT, LATER, person=second, public=public_of(key_of(second)), account="ben@desk")
            registry = admitted(registry, entry)
        one, other = registry.record(id_of(BEN)), registry.record(id_of(second))
        assert registry.is_same_person(one, other) is not is_demo


def test_a_rotation_ends_the_old_key_and_keeps_the_person() -> None:
    registry = with_people(empty(), ANA)
    entry = rotate(registry, key_of(ANA), LATER, replaces=id_of(ANA), public=public_of(key_of(ANA, 1)))
    registry = admitted(registry, entry)
    old, new = registry.record(id_of(ANA)), registry.record(id_of(ANA, 1))
    assert (old.valid_until, old.is_revoked) == (LATER, False)
    assert (new.person, new.valid_from) == (ANA, LATER)
    assert not new.is_valid(MORNING)
    again = rotate(registry, key_of(ANA), LATER, replaces=id_of(ANA), public=public_of(key_of(ANA, 2)))
    refused(registry, again)
    grown = dataclasses.replace(entry, person=dataclasses.replace(ANA, role=Role.SUPERVISOR))
    grown = dataclasses.replace(grown, signature=sign(key_of(ANA), entry_content(grown)))
    refused(with_people(empty(), ANA), grown)


def test_a_supervisor_revokes_any_key_an_operator_only_their_own() -> None:
    registry = with_people(empty(), BEN, ANA, IAN)
    refused(registry, revoke(registry, key_of(ANA), LATER, named=id_of(IAN)))
    for by in (key_of(BEN), key_of(IAN), ROOT):
        record = admitted(registry, revoke(registry, by, LATER, named=id_of(IAN), reason="lost")).record(id_of(IAN))
        assert (record.is_revoked, record.valid_until, record.reason) == (True, LATER, "lost")


def test_a_revoked_key_enrols_nobody() -> None:
    registry = with_people(empty(), BEN, EVA)
    registry = admitted(registry, revoke(registry, key_of(EVA), LATER, named=id_of(BEN)))
    refused(registry, enrol(registry, key_of(BEN), LATER, person=ANA, public=public_of(key_of(ANA))))


def test_a_log_is_opened_once_by_the_root_for_one_server() -> None:
    unopened = Registry(root=public_of(ROOT), server=SERVER)
    refused(unopened, open_log(unopened, key_of(BEN), MORNING, is_demo=True))
    refused(unopened, enrol(unopened, ROOT, MORNING, person=BEN, public=public_of(key_of(BEN))))
    other = dataclasses.replace(unopened, server="temporal:other")
    assert "another server" in refused(unopened, open_log(other, ROOT, MORNING, is_demo=False))
    refused(empty(), open_log(empty(), ROOT, MORNING, is_demo=True))


def test_no_part_of_a_log_can_be_changed_left_out_or_moved() -> None:
    unopened = Registry(root=public_of(ROOT), server=SERVER)
    log = [open_log(unopened, ROOT, MORNING, is_demo=False)]
    registry = admitted(unopened, log[0])
    for person in (BEN, ANA, EVA):
        log.append(enrol(registry, ROOT, MORNING, person=person, public=public_of(key_of(person)), reason="new"))
        registry = admitted(registry, log[-1])
    log.append(revoke(registry, key_of(BEN), LATER, named=id_of(ANA), reason="left"))
    whole = read_registry(public_of(ROOT), SERVER, log)
    assert whole.length == len(log)
    changes = [{"is_demo": True}, {"account": "x@y"}, {"person": dataclasses.replace(ANA, role=Role.SUPERVISOR)}]
    changes += [{"reason": "else"}, {"at": LATER + timedelta(days=1)}, {"key_id": id_of(EVA)}, {"act": KeyAct.ENROL}]
    for place, entry in enumerate(log):
        for change in changes:
            changed = dataclasses.replace(entry, **change)  # type: ignore[arg-type]
            if changed != entry:
                with pytest.raises(Distrusted):
                    read_registry(public_of(ROOT), SERVER, [*log[:place], changed, *log[place + 1 :]])
        if place < len(log) - 1:
            with pytest.raises(Distrusted):
                read_registry(public_of(ROOT), SERVER, [*log[:place], *log[place + 1 :]])
