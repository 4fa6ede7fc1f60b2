"""The suite is itself tested: each broken engine here has to die, and by the rule that is meant for it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import pytest

from console.domain.decision import Decision, payload_hash
from console.domain.digest import escalation_digest
from console.domain.errors import Refused, Uncertain
from console.domain.escalation import Escalation, EscalationKey, Verdict, Waiting
from console.domain.listing import RunQuery, RunsPage
from console.domain.receipt import Outcome, Receipt
from console.domain.run import Access, RunRef, Touch, TrailPage
from console.engines.fake.engine import FakeEngine
from console.engines.port import Change, Quiet
from tests.engines.conformance import RULES
from tests.engines.fake_bench import MORNING, FakeBench


def claimed(decision: Decision) -> Receipt:
    """A receipt out of thin air that echoes all that it should."""
    return Receipt(
        decision_id=decision.decision_id,
        key=decision.key,
        opened_in=decision.opened_in,
        digest=decision.digest,
        verdict=decision.verdict,
        payload_hash=payload_hash(decision.payload),
        key_id=decision.key_id,
        signature=decision.signature,
        outcome=Outcome.CARRIED_OUT,
        accepted_at=MORNING,
    )


class NeverSends(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        return claimed(decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        return claimed(decision)


class AlwaysApproves(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        await super().deliver(dataclasses.replace(decision, verdict=Verdict.APPROVE))
        return claimed(decision)


class SendsTwice(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        receipt = await super().deliver(decision)
        try:
            await super().deliver(dataclasses.replace(decision, decision_id=f"{decision.decision_id}-again"))
        except Refused:
            return receipt
        return receipt


class DropsThePayload(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        bare = {name: value for name, value in decision.payload.items() if name != "reason"}
        await super().deliver(dataclasses.replace(decision, payload=bare))
        return claimed(decision)

    async def read_back(self, decision: Decision) -> Receipt | None:
        return claimed(decision)


class IgnoresTheDigest(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        now = await self.escalation(decision.key)
        await super().deliver(dataclasses.replace(decision, digest=now.row.digest, opened_in=now.opened_in))
        return claimed(decision)


class AnswersTheReopened(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        try:
            return await super().deliver(decision)
        except Refused:
            keys = [row.key async for page in self.waiting() for row in page]
            here = (decision.key.run, decision.key.native_id)
            again = next((key for key in keys if (key.run, key.native_id) == here), None)
            if again is None or again == decision.key:
                raise
            now = await self.escalation(again)
            return await super().deliver(
                dataclasses.replace(decision, key=again, digest=now.row.digest, opened_in=now.opened_in)
            )


class ConfirmsWithoutReadingBack(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        try:
            return await super().deliver(decision)
        except Uncertain:
            return claimed(decision)


class ResendsBlindly(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        try:
            return await super().deliver(decision)
        except Uncertain:
            return await super().deliver(dataclasses.replace(decision, decision_id=f"{decision.decision_id}-b"))


class SaysNothingCame(FakeEngine):
    async def read_back(self, decision: Decision) -> Receipt | None:
        await super().read_back(decision)
        return None


class TellsTheLoserItWon(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        try:
            return await super().deliver(decision)
        except Refused:
            return claimed(decision)


class TakesUsedIds(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        if await self.read_back(dataclasses.replace(decision, verdict=Verdict.APPROVE)):
            return claimed(decision)
        return await super().deliver(decision)


class ListsOnePage(FakeEngine):
    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        async for page in super().waiting():
            yield page
            return


class ListsAsItComes(FakeEngine):
    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        rows = [row async for page in super().waiting() for row in page]
        yield tuple(sorted(rows, key=lambda row: row.opened_at))


class FollowsNothing(FakeEngine):
    async def changes(self) -> AsyncIterator[Change]:
        while True:
            yield Quiet(MORNING)
            await asyncio.sleep(0.05)


class StopsFollowing(FakeEngine):
    async def changes(self) -> AsyncIterator[Change]:
        async for change in super().changes():
            if type(change).__name__ == "Lost":
                return
            yield change


class ForgetsOccurrences(FakeEngine):
    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        async for page in super().waiting():
            yield tuple(dataclasses.replace(row, key=dataclasses.replace(row.key, occurrence=1)) for row in page)


class TrustsTheRunsDigest(FakeEngine):
    async def escalation(self, key: EscalationKey) -> Escalation:
        item = await super().escalation(key)
        return dataclasses.replace(item, row=dataclasses.replace(item.row, digest=escalation_digest(item)[::-1]))


class CountsKeysNotPersons(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        person = dataclasses.replace(decision.by, person_id=f"{decision.by.person_id}-{decision.decision_id}")
        return await super().deliver(dataclasses.replace(decision, by=person))


class WithdrawsForAnybody(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        given = (await self.escalation(decision.key)).approvals
        if decision.verdict is Verdict.WITHDRAW and given:
            await super().deliver(dataclasses.replace(decision, by=given[0].by))
            return claimed(decision)
        return await super().deliver(decision)


class KeepsWhatIsWithdrawn(FakeEngine):
    async def deliver(self, decision: Decision) -> Receipt:
        given = (await self.escalation(decision.key)).approvals
        if decision.verdict is Verdict.WITHDRAW and any(one.by == decision.by for one in given):
            return claimed(decision)
        return await super().deliver(decision)


class SkipsInTheTrail(FakeEngine):
    async def trail(self, ref: RunRef, *, older: str = "", limit: int = 50) -> TrailPage:
        page = await super().trail(ref, older=older, limit=limit)
        return dataclasses.replace(page, entries=page.entries[:-1]) if older else page


class CallsWhatIsProposedWritten(FakeEngine):
    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        told = await super().access(ref)
        return tuple(
            dataclasses.replace(one, written=(Touch(resource=one.writes[0], tool=one.tools[0]),)) for one in told
        )


class ListsWhatMayBeDone(FakeEngine):
    async def waiting(self) -> AsyncIterator[tuple[Waiting, ...]]:
        async for page in super().waiting():
            more = [await self.commands(row.key.run) for row in page]
            yield (*page, *(one.row for commands in more for one in commands))


class ForgetsWhatIsPaused(FakeEngine):
    async def escalation(self, key: EscalationKey) -> Escalation:
        return dataclasses.replace(await super().escalation(key), verdicts=(Verdict.PAUSE,))


class ForgetsWhatWasWritten(FakeEngine):
    async def access(self, ref: RunRef) -> tuple[Access, ...]:
        return tuple(dataclasses.replace(one, written=()) for one in await super().access(ref))


class SwapsTheWinner(FakeEngine):
    """Lets the other run go first."""

    async def deliver(self, decision: Decision) -> Receipt:
        answer = decision.payload.get("answer")
        if not isinstance(answer, dict) or "winner" not in answer:
            return await super().deliver(decision)
        sides = (await self.escalation(decision.key)).sides
        (other,) = [side.run.run_id for side in sides if side.run.run_id != answer["winner"]]
        swapped = dataclasses.replace(decision, payload={**decision.payload, "answer": {**answer, "winner": other}})
        receipt = await super().deliver(swapped)
        return dataclasses.replace(receipt, payload_hash=payload_hash(decision.payload))

    async def read_back(self, decision: Decision) -> Receipt | None:
        receipt = await super().read_back(decision)
        return receipt and dataclasses.replace(receipt, payload_hash=payload_hash(decision.payload))


class ShowsOneSide(FakeEngine):
    """Shows the same run on both sides of a conflict."""

    async def escalation(self, key: EscalationKey) -> Escalation:
        shown = await super().escalation(key)
        return dataclasses.replace(shown, sides=tuple(shown.sides[0] for _ in shown.sides))


class ListsRunsByName(FakeEngine):
    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        page = await super().runs(query, older=older)
        return dataclasses.replace(page, rows=tuple(sorted(page.rows, key=lambda row: row.ref.run_id)))


class ForgetsOlderRuns(FakeEngine):
    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        return dataclasses.replace(await super().runs(query, older=older), older="")


class ListsEveryRun(FakeEngine):
    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        return await super().runs(RunQuery(limit=query.limit), older=older)


class HidesWhatRunsWaitFor(FakeEngine):
    async def runs(self, query: RunQuery, *, older: str = "") -> RunsPage:
        page = await super().runs(query, older=older)
        return dataclasses.replace(page, rows=tuple(dataclasses.replace(row, waiting=()) for row in page.rows))


MUTANTS = {
    NeverSends: "every_verdict_arrives_as_what_it_is_with_its_payload_once",
    AlwaysApproves: "every_verdict_arrives_as_what_it_is_with_its_payload_once",
    SendsTwice: "every_verdict_arrives_as_what_it_is_with_its_payload_once",
    DropsThePayload: "every_verdict_arrives_as_what_it_is_with_its_payload_once",
    IgnoresTheDigest: "a_changed_proposal_makes_an_old_decision_superseded",
    AnswersTheReopened: "a_wait_that_opens_again_is_a_new_escalation",
    ConfirmsWithoutReadingBack: "a_request_lost_on_the_way_is_uncertain_and_reading_back_says_it_never_came",
    ResendsBlindly: "a_reply_lost_after_acceptance_is_uncertain_and_reading_back_settles_it",
    SaysNothingCame: "a_reply_lost_after_acceptance_is_uncertain_and_reading_back_settles_it",
    TellsTheLoserItWon: "of_two_opposite_decisions_at_once_one_is_applied_and_both_sides_are_told",
    TakesUsedIds: "an_id_used_again_for_another_decision_is_never_taken_for_it",
    ListsOnePage: "the_list_is_complete_and_paged_with_the_highest_risk_first",
    ListsAsItComes: "the_list_is_complete_and_paged_with_the_highest_risk_first",
    FollowsNothing: "an_item_decided_elsewhere_leaves_the_list",
    StopsFollowing: "following_survives_a_restart_of_the_server",
    ForgetsOccurrences: "a_wait_that_opens_again_is_a_new_escalation",
    TrustsTheRunsDigest: "the_digest_is_of_what_is_shown",
    CountsKeysNotPersons: "two_approvals_are_of_two_persons",
    WithdrawsForAnybody: "an_approval_is_withdrawn_by_who_gave_it_and_only_until_the_quorum",
    KeepsWhatIsWithdrawn: "an_approval_is_withdrawn_by_who_gave_it_and_only_until_the_quorum",
    CallsWhatIsProposedWritten: "access_tells_what_is_granted_and_only_what_was_done",
    ForgetsWhatWasWritten: "access_tells_what_is_granted_and_only_what_was_done",
    ListsWhatMayBeDone: "what_may_be_done_at_any_time_waits_for_nobody_and_is_done_once",
    ForgetsWhatIsPaused: "what_is_paused_waits_until_somebody_resumes_it",
    SwapsTheWinner: "a_conflict_shows_both_runs_and_the_one_ruling_that_counts_names_the_winner",
    ShowsOneSide: "a_conflict_shows_both_runs_and_the_one_ruling_that_counts_names_the_winner",
    ListsRunsByName: "runs_are_listed_newest_movement_first_each_once_and_only_those_wanted",
    ForgetsOlderRuns: "runs_are_listed_newest_movement_first_each_once_and_only_those_wanted",
    ListsEveryRun: "runs_are_listed_newest_movement_first_each_once_and_only_those_wanted",
    HidesWhatRunsWaitFor: "runs_are_listed_newest_movement_first_each_once_and_only_those_wanted",
    SkipsInTheTrail: "a_run_can_be_read_with_its_trail_newest_first_and_without_gaps",
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_engine_dies_by_the_rule_meant_for_it(mutant: type[FakeEngine]) -> None:
    killers = asyncio.run(killing_rules(mutant))
    assert MUTANTS[mutant] in killers


async def killing_rules(mutant: type[FakeEngine]) -> set[str]:
    """The names of all rules that this engine breaks, each tried on a fresh server."""
    broken = await asyncio.gather(*(breaks(name, mutant) for name in RULES))
    return {name for name, is_broken in zip(RULES, broken, strict=True) if is_broken}


async def breaks(name: str, mutant: type[FakeEngine]) -> bool:
    bench = FakeBench(lambda server: mutant(server, page_size=3, quiet_every=0.05))
    bench.patience = 0.6
    try:
        await RULES[name](bench)
    except (AssertionError, ExceptionGroup, Refused, Uncertain, TimeoutError):
        return True
    return False
