"""What you see is what you sign: the digest over the semantic action of an escalation.

SHA-256 over canonical JSON (RFC 8785) of server identity, run with the engine's run id at opening, escalation,
occurrence, tool and arguments, allowed verdicts and required approvals. Wording is not part of it, so that a better
title does not void an approval; where no structured proposal exists the complete request as shown takes its place. A
conflict binds to both sides, each with its run, tool and arguments.
"""

from __future__ import annotations

from console.domain.canonical import Json, sha256_hex
from console.domain.escalation import Escalation, Side

DIGEST_TAG = "clearance-escalation-v1"


def semantic_action(escalation: Escalation) -> dict[str, Json]:
    """The part of an escalation that a decision binds to, as JSON."""
    key = escalation.key
    action: dict[str, Json] = {
        "tag": DIGEST_TAG,
        "server": key.run.server,
        "run": key.run.run_id,
        "chain": key.run.chain_id,
        "opened_in": escalation.opened_in,
        "escalation": key.native_id,
        "occurrence": key.occurrence,
        "verdicts": sorted(str(verdict) for verdict in escalation.verdicts),
        "required_approvals": escalation.row.required_approvals,
    }
    if escalation.proposal is not None:
        action["tool"] = escalation.proposal.tool
        action["arguments"] = escalation.proposal.arguments
    else:
        action["request"] = {
            "kind": str(escalation.row.kind),
            "step": escalation.step,
            "title": escalation.row.title,
            "question": escalation.question,
            "failure": escalation.failure,
            "schema": escalation.schema,
            "suggestion": escalation.suggestion,
        }
    if escalation.sides:
        action["sides"] = [_side(side) for side in escalation.sides]
    return action


def _side(side: Side) -> dict[str, Json]:
    return {
        "run": side.run.run_id,
        "chain": side.run.chain_id,
        "step": side.step,
        "tool": side.proposal.tool,
        "arguments": side.proposal.arguments,
    }


def escalation_digest(escalation: Escalation) -> str:
    """64 hexadecimal digits. Raises :class:`ValueError` where the content has no canonical form."""
    return sha256_hex(semantic_action(escalation))
