"""What a pattern wants is shown by an example that fits, or not at all."""

from __future__ import annotations

import pytest

from console.domain.canonical import Json
from console.infra.pattern_example import example_of
from console.infra.schema import read_schema

AMOUNT = "^[0-9]{1,7}[.][0-9]{2}$"


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (AMOUNT, "1.11"),
        (r"^[A-Z]{3}-\d+$", "AAA-1"),
        ("^DE[0-9]{20}$", ""),
        ("^(a|b)$", ""),
        ("[", ""),
        ("^$", ""),
        (r"^\w{2,}@example[.]com$", "aa@example.com"),
        ("[^a-z1A-]{2}x", "!!x"),
    ],
)
def test_the_example_fits_or_there_is_none(pattern: str, example: str) -> None:
    assert example_of(pattern) == example


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "must be written as 1.11"),
        ({"examples": ["42.00"]}, "must be written as 42.00"),
        ({"description": "Euros and cents."}, "does not fit: Euros and cents, as 1.11"),
        ({"examples": [7]}, "must be written as 1.11"),
    ],
)
def test_a_person_reads_words_and_no_pattern(told: dict[str, Json], words: str) -> None:
    (problem,) = read_schema({"type": "string", "pattern": AMOUNT, **told}).problems("2288.5")
    assert problem.words == words
