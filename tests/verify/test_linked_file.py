"""Tampering with an exported audit: whatever is changed in the file is found, and named by its line."""

from __future__ import annotations

import functools
import io
import json
import random
from collections.abc import Callable

import pytest

from console.domain import linked_file
from console.domain.canonical import canonical
from console.domain.chain import START, link
from console.verify.chain import signed_bytes
from console.verify.linked_file import Verified, check_names, trusts, verify_audit
from console.verify.signatures import encoded, fingerprint, is_signature
from tests.verify.chains import Chain, as_file, grown, new_key

ENTRIES = 1_000
SAMPLED = 2_000
KEY = new_key()
# The same bytes under the same signature are looked at once, which makes thousands of whole verifications bearable.
checked = functools.lru_cache(maxsize=None)(is_signature)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return grown(ENTRIES, key=KEY)


@pytest.fixture(scope="module")
def export(chain: Chain) -> bytes:
    return chain.export()


@pytest.fixture
def chance() -> random.Random:
    """Another one in every run; a test that fails says which."""
    seed = random.SystemRandom().randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    return random.Random(seed)  # noqa: S311 - where to tamper is no secret


def verified(raw: bytes, *trusted: str) -> Verified:
    return verify_audit(as_file(raw), trusted or (KEY.key_id,), check=checked)


def test_an_untouched_export_is_whole_and_says_whose_key_that_rests_on(export: bytes) -> None:
    for named in (KEY.key_id, fingerprint(KEY.public), encoded(KEY.public), KEY.key_id.upper()):
        found = verified(export, named)
        assert (found.fault, found.is_whole, found.is_trusted, found.entries) == ("", True, True, ENTRIES)
        assert found.signer == fingerprint(KEY.public)
    assert found.checked > ENTRIES / 4
    unnamed = verify_audit(as_file(export))
    assert unnamed.is_whole
    assert not unnamed.is_trusted


@pytest.mark.timeout(900)
def test_every_changed_byte_is_found_in_its_line(export: bytes, chance: random.Random) -> None:
    for position in chance.sample(range(len(export)), SAMPLED):
        changed = bytearray(export)
        changed[position] ^= chance.randrange(1, 256)
        found = verified(bytes(changed))
        assert not found.is_whole, f"byte {position} changed unseen"
        line = export.count(b"\n", 0, position) + 1
        # What the first line says of the chain is held against the line after it.
        named = {1, 2} if line == 1 else {line}
        assert found.broken_line in named, f"byte {position}: line {found.broken_line} is named, it is in {line}"


@pytest.mark.parametrize("part", ["header", "end"])
def test_no_byte_of_header_and_end_is_free(part: str) -> None:
    small = grown(5, key=KEY).export()
    last = small.rindex(b"\n", 0, len(small) - 1) + 1
    positions = range(small.index(b"\n") + 1) if part == "header" else range(last, len(small))
    for position in positions:
        for change in (1, 2, 32, 128):
            changed = bytearray(small)
            changed[position] ^= change
            assert not verified(bytes(changed)).is_whole, f"byte {position} ^ {change}"


@pytest.mark.timeout(900)
def test_lines_removed_swapped_repeated_and_put_between_are_found(export: bytes, chance: random.Random) -> None:
    lines = export.splitlines(keepends=True)
    assert len(lines) == ENTRIES + 2
    for _ in range(100):
        one, other = sorted(chance.sample(range(len(lines)), 2))
        removed = lines[:one] + lines[one + 1 :]
        assert _broken_at(removed) == min(one + 1, len(removed)) or one == 0
        swapped = list(lines)
        swapped[one], swapped[other] = lines[other], lines[one]
        assert _broken_at(swapped) == one + 1
        repeated = [*lines[: other + 1], lines[one], *lines[other + 1 :]]
        # The end is only known to be none by what follows it.
        assert _broken_at(repeated) in {other + 1, other + 2}
        cut = lines[:one] + lines[other:]
        assert _broken_at(cut) is not None


def test_the_last_lines_removed_are_missed(export: bytes) -> None:
    lines = export.splitlines(keepends=True)
    for last in (1, 2, 3, 10, ENTRIES, ENTRIES + 1):
        found = verified(b"".join(lines[:-last]))
        assert not found.is_whole
        assert "cut off" in found.fault
        # The end is still there, and the lines before it are not.
        found = verified(b"".join([*lines[: -1 - last], lines[-1]]))
        assert not found.is_whole or last == ENTRIES + 1
        assert last == ENTRIES + 1 or f"{ENTRIES - last}" in found.fault


def _broken_at(lines: list[bytes]) -> int | None:
    return verified(b"".join(lines)).broken_line


Forge = Callable[[list[bytes], int], bytes]


def rebuilt(lines: list[bytes], header: bytes, end: dict[str, object]) -> bytes:
    """A file whose every link fits, written without the key: its signatures are the old ones."""
    prev, rows = START, []
    for number, line in enumerate(lines, 1):
        prev = link(prev, line)
        rows.append(linked_file.row(number, line, prev))
    end |= {"count": len(rows), "head": prev}
    return b"".join([header, *rows, canonical(end) + b"\n"])  # type: ignore[arg-type]  # it is JSON


@pytest.mark.parametrize("place", [3, 57, 500, 998, 1_000])
@pytest.mark.parametrize("are_heads_followed", [False, True])
def test_a_chain_recomputed_without_the_key_is_found(
    chain: Chain, export: bytes, place: int, are_heads_followed: bool
) -> None:
    header, end = export.splitlines(keepends=True)[0], json.loads(export.splitlines()[-1])
    lines = list(chain.lines)
    lines[place - 1] = lines[place - 1].replace(b'"at":"2026', b'"at":"2027', 1)
    if are_heads_followed:
        lines = _with_new_heads(lines)
    found = verified(rebuilt(lines, header, end))
    assert not found.is_whole
    # The first signed line behind it, or the end: one line further in the file, for the header.
    signed = [number for number, line in enumerate(chain.lines, 1) if number > place and b'"signature"' in line]
    assert found.broken_line == (signed[0] if signed else ENTRIES + 1) + 1


def _with_new_heads(lines: list[bytes]) -> list[bytes]:
    """Signed lines that name the new line before them; their signatures cannot follow."""
    made: list[bytes] = []
    prev = START
    for line in lines:
        value = json.loads(line)
        if "audit_head" in value["content"]:
            value["content"]["audit_head"] = prev
        made.append(canonical(value))
        prev = link(prev, made[-1])
    return made


def test_a_chain_without_any_signature_is_found(chain: Chain, export: bytes) -> None:
    header, end = export.splitlines(keepends=True)[0], json.loads(export.splitlines()[-1])
    bare = []
    for line in chain.lines:
        value = json.loads(line)
        value["content"].pop("signature", None)
        bare.append(canonical(value))
    found = verified(rebuilt(bare, header, end))
    assert (found.broken_line, found.fault) == (3, "The signature of entry 2 is missing.")
    unsigned = [line for line in bare if b'"kind":"confirmed"' in line]
    assert "last line" in verified(rebuilt([bare[0], *unsigned], header, end)).fault


def test_one_made_anew_with_another_key_counts_only_where_nobody_named_the_key() -> None:
    forged = grown(200, key=new_key())
    assert verify_audit(as_file(forged.export())).is_whole
    found = verified(forged.export())
    assert not found.is_whole
    assert "none of those you trust" in found.fault
    # Their lines, and the name of our key.
    renamed = forged.export().replace(forged.key.key_id.encode(), KEY.key_id.encode())
    assert not verified(renamed).is_whole


def test_a_chain_that_goes_on_with_another_key_is_vouched_for_by_the_last(chain: Chain) -> None:
    two = Chain(KEY, list(chain.lines), list(chain.hashes))
    later = new_key()
    two.introduce(later)
    two.decide(2_000)
    two.sign("closed")
    assert verified(two.export(), later.key_id).is_whole
    header_with_both = verified(two.export(by=later), later.key_id)
    assert header_with_both.is_whole
    assert header_with_both.others == (KEY.key_id,)
    assert not verified(two.export(), KEY.key_id).is_whole


def test_a_part_of_the_chain_is_bound_to_its_place(chain: Chain) -> None:
    part = chain.export(first=501)
    found = verified(part)
    assert (found.is_whole, found.first, found.entries) == (True, 501, 500)
    lines = part.splitlines(keepends=True)
    moved = lines[0].replace(b'"first":501', b'"first":500')
    assert not verified(b"".join([moved, *lines[1:]])).is_whole
    beginning = json.loads(lines[0]) | {"prev": "0" * 64}
    assert not verified(b"".join([canonical(beginning) + b"\n", *lines[1:]])).is_whole


def test_a_signature_of_another_chain_or_place_is_no_head_of_this_one() -> None:
    one, other = grown(50, key=KEY), grown(50, key=KEY, seed=1)
    other.sign()
    one.put(other.lines[-1])
    one.sign()
    found = verified(one.export())
    assert not found.is_whole
    assert found.broken_line == 52


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\0" * 100_000,
        b"{" * 300_000,
        b"[" * 300_000 + b"\n",
        b'{"tag":"clearance-audit-export-v1"}\n',
        b'{"about":' + b"[" * 100_000 + b"\n",
        b"9" * 10_000 + b"\n",
        b'{"keys":[],"tag":"clearance-audit-export-v1","first":"1","prev":3,"chain":null,"about":1}\n',
        bytes(range(256)) * 100,
        b"x" * (2 * linked_file.MAX_ROW + 7),
    ],
)
def test_what_is_no_export_ends_as_a_result(raw: bytes) -> None:
    found = verify_audit(io.BytesIO(raw))
    assert not found.is_whole
    assert found.broken_line == 1
    assert found.fault


@pytest.mark.parametrize(
    "entry",
    [
        b'{"content":{"signature":"AAAA","key_id":[1]},"kind":"decided"}',
        b'{"content":{"signature":7},"kind":"head"}',
        b'{"content":null,"kind":"key"}',
        b'{"content":{"signature":"x","public_key":5},"at":NaN,"kind":"key"}',
        b'[{"signature":1}]',
        b"\xff\xfe" + b'"signature":',
        b'{"a":' * 50_000 + b'"signature":1' + b"}" * 50_000,
        b'"signature":' + b"1" * 5_000,
        b'"signature":' + b" " * (linked_file.MAX_ROW + 1),
    ],
)
def test_hostile_entries_end_as_a_result(entry: bytes) -> None:
    chain = grown(5, key=KEY)
    chain.put(entry)
    chain.sign()
    found = verified(chain.export())
    assert not found.is_whole
    assert found.broken_line == 7


def test_names_of_keys_are_read_strictly() -> None:
    check_names([KEY.key_id, fingerprint(KEY.public), encoded(KEY.public)])
    for wrong in ("", "pat", KEY.key_id[:15], fingerprint(KEY.public)[:40], encoded(KEY.public)[:-4]):
        with pytest.raises(ValueError, match="neither"):
            check_names([wrong])
        assert not trusts([wrong], KEY.public)


def test_the_fast_form_of_what_is_signed_is_the_canonical_one(chance: random.Random) -> None:
    alphabet = [chr(code) for code in (*range(0x100), 0x2028, 0x2029, 0xFFFF, 0x1F600, 0x10FFFF)]
    for _ in range(500):
        fields = {"".join(chance.choices("abcXYZ_09~", k=4)): "".join(chance.choices(alphabet, k=20)) for _ in range(6)}
        content = {**fields, "n": chance.randrange(-(2**53) + 1, 2**53), "nested": None}
        assert signed_bytes(content) == canonical(content)
        del content["nested"]
        assert signed_bytes({**content, "signature": "x", "item": "y"}) == canonical(content)
    for odd in ({"ä": "x"}, {"a": True}, {"a": 1.0}, {"a": 0.1}, {"a": [1]}):
        assert signed_bytes(odd) == canonical(odd)
    assert signed_bytes({"a": "\ud800"}) == signed_bytes({"a": 2**53}) == b""
