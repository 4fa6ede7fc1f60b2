"""A digest covers what a decision means: not the wording, where there is a proposal; every part of it, where not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest

from console.domain.digest import DIGEST_TAG, escalation_digest, semantic_action
from console.domain.escalation import Change, Comment, Escalation, Kind, Rule, Verdict
from console.domain.risk import Risk
from tests.domain.samples import CHECKPOINT, KEY, MORNING, PROPOSAL, QUESTION, SUE


def varied(item: Escalation, **parts: Any) -> Escalation:  # noqa: ANN401  # fields of three classes
    """The item with fields changed, on itself, on its row (``row_…``) or on its proposal (``proposal_…``)."""
    row = {name.removeprefix("row_"): value for name, value in parts.items() if name.startswith("row_")}
    proposal = {name.removeprefix("proposal_"): value for name, value in parts.items() if name.startswith("proposal_")}
    own = {name: value for name, value in parts.items() if not name.startswith(("row_", "proposal_"))}
    changed = dataclasses.replace(item, row=dataclasses.replace(item.row, **row), **own)
    if proposal and changed.proposal:
        changed = dataclasses.replace(changed, proposal=dataclasses.replace(changed.proposal, **proposal))
    return changed


WORDING: list[dict[str, Any]] = [
    {"row_title": "Something friendlier"},
    {"row_risk": Risk.CRITICAL},
    {"row_kind": Kind.DOUBT},
    {"row_workflow": "another"},
    {"row_agent": "another"},
    {"row_opened_at": MORNING + timedelta(days=1)},
    {"row_due_at": MORNING},
    {"row_digest": "e" * 64},
    {"row_business_key": "another"},
    {"row_approvals": 1},
    {"row_problem": "unreadable"},
    {"step": "another"},
    {"owner": "another"},
    {"rule": Rule("another", 2, "Another rule.")},
    {"confidence": 0.5},
    {"caveats": ("unsigned invoice",)},
    {"comments": (Comment(SUE, MORNING, "look"),)},
    {"failure": "LedgerLocked"},
    {"proposal_summary": "Something friendlier"},
    {"proposal_changes": (Change("amount", "0", "240"),)},
    {"proposal_resource": "order/elsewhere"},
    {"proposal_is_reversible": True},
    {"proposal_schema": {"type": "object"}},
]
MEANING: list[dict[str, Any]] = [
    {"proposal_tool": "payments.charge"},
    {"proposal_arguments": {"order": "4711", "amount": "2400.00"}},
    {"proposal_arguments": {"order": "4711"}},
    {"opened_in": "execution-2"},
    {"verdicts": (Verdict.APPROVE, Verdict.REJECT)},
    {"row_required_approvals": 2},
    {"row_key": dataclasses.replace(KEY, occurrence=2)},
    {"row_key": dataclasses.replace(KEY, native_id="other")},
    {"row_key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, server="other"))},
    {"row_key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, run_id="other"))},
    {"row_key": dataclasses.replace(KEY, run=dataclasses.replace(KEY.run, chain_id="other"))},
    {"proposal": None},
]
ASKED: list[dict[str, Any]] = [
    {"question": "Which account?"},
    {"row_title": "Something friendlier"},
    {"row_kind": Kind.FAILURE},
    {"step": "another"},
    {"failure": "LedgerLocked"},
    {"schema": {"type": "string"}},
    {"suggestion": {"centre": "4500"}},
    {"opened_in": "execution-2"},
]


@pytest.mark.parametrize("parts", WORDING, ids=lambda parts: next(iter(parts)))
def test_wording_does_not_void_a_decision_on_a_proposal(parts: dict[str, Any]) -> None:
    assert escalation_digest(varied(CHECKPOINT, **parts)) == escalation_digest(CHECKPOINT)


@pytest.mark.parametrize("parts", MEANING, ids=lambda parts: next(iter(parts)))
def test_whatever_it_means_is_covered(parts: dict[str, Any]) -> None:
    assert escalation_digest(varied(CHECKPOINT, **parts)) != escalation_digest(CHECKPOINT)


@pytest.mark.parametrize("parts", ASKED, ids=lambda parts: next(iter(parts)))
def test_without_a_proposal_the_complete_request_is_covered(parts: dict[str, Any]) -> None:
    assert escalation_digest(varied(QUESTION, **parts)) != escalation_digest(QUESTION)


def test_the_order_of_verdicts_and_of_arguments_does_not_matter() -> None:
    turned = varied(CHECKPOINT, verdicts=tuple(reversed(CHECKPOINT.verdicts)))
    arguments = dict(reversed(PROPOSAL.arguments.items()))
    assert escalation_digest(varied(turned, proposal_arguments=arguments)) == escalation_digest(CHECKPOINT)


def test_a_proposal_and_a_request_are_never_mistaken_for_each_other() -> None:
    assert "request" not in semantic_action(CHECKPOINT)
    assert "tool" not in semantic_action(QUESTION)
    assert semantic_action(CHECKPOINT)["tag"] == DIGEST_TAG


def test_what_cannot_be_written_exactly_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match=r".+"):
        escalation_digest(varied(CHECKPOINT, proposal_arguments={"amount": float("nan")}))
