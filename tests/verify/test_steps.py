"""A decision checked in anyone's own step, by nobody's word; the examples of such steps have tests of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from console.domain.identity import Role
from console.domain.registry import RegistryEntry, entry_content
from console.verify.decisions import Demand
from console.verify.entries import enrol, open_log
from console.verify.registry import Registry, admitted
from console.verify.steps import approval, registry_of, require
from console.verify.trust import Distrusted, Doubt
from tests.verify.people import ANA, BEN, MORNING, ROOT, SERVER, key_of, public_of
from tests.verify.test_decisions import DEMAND, NOON, REGISTRY, given, signed

SOON = NOON + timedelta(minutes=5)


def handed(*people: Any) -> dict[str, Any]:  # noqa: ANN401 - persons
    """What a step is handed, after a way over the wire."""
    told: dict[str, Any] = json.loads(json.dumps(approval(*given(*(signed(one) for one in people)))))
    return told


def refused(said: object, demand: Demand = DEMAND, at: Any = SOON) -> str:  # noqa: ANN401 - a time
    with pytest.raises(Distrusted) as caught:
        require(said, demand, REGISTRY, at)
    return caught.value.code


def test_a_step_learns_who_approved_what_it_is_about_to_do() -> None:
    assert require(handed(ANA, BEN), DEMAND, REGISTRY, SOON) == (ANA, BEN)
    assert refused(handed(ANA)) == Doubt.QUORUM
    assert refused(handed(ANA, ANA)) == Doubt.QUORUM
    assert refused(handed(ANA, BEN), at=NOON + timedelta(hours=2)) == Doubt.EXPIRED


def test_another_call_than_the_approved_one_is_found_in_the_step() -> None:
    more = Demand(
        server=SERVER,
        run_id=DEMAND.run_id,
        step=DEMAND.step,
        tool="pay",
        arguments={**DEMAND.arguments, "amount": "4200.00"},
        approvals=1,
        roles=(Role.OPERATOR,),
    )
    assert refused(handed(ANA), more) == Doubt.OTHER_CONTENT


@settings(deadline=None)
@drawn(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_rubbish_is_distrusted_and_never_more_than_that(said: object) -> None:
    assert refused(said) == Doubt.OTHER_CONTENT
    assert refused({"tag": "clearance-approval-v1", "approvals": said}) in {Doubt.OTHER_CONTENT, Doubt.QUORUM}


def exported() -> str:
    """A registry as `clearance keys export` writes it."""
    registry = Registry(root=public_of(ROOT), server=SERVER)
    log: list[RegistryEntry] = [open_log(registry, ROOT, MORNING, is_demo=False)]
    registry = admitted(registry, log[0])
    for person in (ANA, BEN):
        log.append(enrol(registry, ROOT, MORNING, person=person, public=public_of(key_of(person))))
        registry = admitted(registry, log[-1])
    lines = [json.dumps({**entry_content(entry), "signature": entry.signature}) for entry in log]
    return "\n".join([*lines, json.dumps({"key": {"key_id": "not looked at"}})])


def test_an_exported_registry_is_read_with_the_root_key_that_its_owner_knows() -> None:
    registry = registry_of(exported(), public_of(ROOT), SERVER)
    assert require(handed(ANA, BEN), DEMAND, registry, SOON) == (ANA, BEN)
    for root, server, text in (
        (public_of(key_of(ANA)), SERVER, exported()),
        (public_of(ROOT), "temporal:another", exported()),
        (public_of(ROOT), SERVER, exported().replace('"operator"', '"supervisor"')),
        (public_of(ROOT), SERVER, "{"),
        (public_of(ROOT), SERVER, '{"tag": 1}'),
    ):
        with pytest.raises(Distrusted):
            registry_of(text, root, server)


def test_it_loads_nothing_but_cryptography_and_canonical_json() -> None:
    program = (
        "import sys, console.verify.steps\n"
        "names = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(name for name in names if not name.startswith('_')))\n"
        "print(sorted(name for name in sys.modules if name.startswith('console.')))"
    )
    told = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True).stdout
    outside, own = told.splitlines()
    assert set(eval(outside)) <= {"console", "cryptography", "rfc8785"}  # noqa: S307 - our own print
    assert all(name.startswith(("console.verify", "console.domain")) for name in eval(own))  # noqa: S307 - the same
