"""Canonical JSON is that of RFC 8785, by its own vectors."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.canonical import Json, canonical, sha256_hex

# RFC 8785, appendix B: the bits of a number, and how it is written.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}
NO_NUMBERS = ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"]

# RFC 8785, section 3.2.2 (as parsed) and 3.2.3.
SAMPLE: Json = {
    "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
    "literals": [None, True, False],
}
SAMPLE_CANONICAL = (
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
    '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
)
UNSORTED: Json = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\U0001f600": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}
SORTED = [
    "Carriage Return",
    "One",
    "Control",
    "Latin Small Letter O With Diaeresis",
    "Euro Sign",
    "Emoji: Grinning Face",
    "Hebrew Letter Dalet With Dagesh",
]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)  # beyond, whole numbers are written without a point
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


def of_bits(bits: str) -> float:
    """The IEEE 754 double of sixteen hexadecimal digits."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    return float(number)


@pytest.mark.parametrize("bits", NUMBERS)
def test_numbers_are_written_as_in_the_rfc(bits: str) -> None:
    assert canonical(of_bits(bits)).decode() == NUMBERS[bits]


@pytest.mark.parametrize("bits", NO_NUMBERS)
def test_what_is_no_number_has_no_canonical_form(bits: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(of_bits(bits))


def test_the_sample_of_the_rfc() -> None:
    assert canonical(SAMPLE).decode() == SAMPLE_CANONICAL


def test_names_are_sorted_by_their_utf_16_units() -> None:
    assert list(json.loads(canonical(UNSORTED)).values()) == SORTED


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", {"a": "\udfff"}, {"\ud800": 1}])
def test_what_json_cannot_hold_exactly_is_a_value_error(value: Json) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical(value)


def test_what_is_nested_without_end_is_a_value_error() -> None:
    value: Json = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested"):
        canonical(value)


def test_a_hash_is_of_the_canonical_form() -> None:
    assert sha256_hex({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert sha256_hex({"b": 1, "a": 2}) == sha256_hex({"a": 2, "b": 1.0})


@given(JSON)
def test_the_canonical_form_is_json_of_the_same_value(value: Json) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)
