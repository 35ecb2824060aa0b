"""The sample of ``scripts/mutants`` is the same next time, and nearly the same after a change."""

from __future__ import annotations

from tests.mutants import sampling

NAME = "server/protocube_server/storage/sqlite/file.py"
SOURCE = b"""
def f(a):
    if a > 1:
        return a
    g(a)
    g(a)
"""


def test_a_mistake_has_its_name_wherever_its_line_is() -> None:
    """Lines that are put in front of it, or taken away, do not change it."""
    before = {mutant.key for mutant in sampling.of(NAME, SOURCE)}
    after = {mutant.key for mutant in sampling.of(NAME, b"\n\nx = 5\n" + SOURCE)}
    assert before < after


def test_mistakes_of_equal_lines_are_told_apart() -> None:
    """Each has a name of its own."""
    mutants = list(sampling.of(NAME, SOURCE))
    assert len({mutant.key for mutant in mutants}) == len(mutants)


def test_a_seed_decides_the_sample() -> None:
    """The same one each time, of which a smaller sample is the beginning."""
    calls = "server/protocube_server/calls/"
    first = [mutant.key for mutant in sampling.sample(20, 1, calls)]
    assert first[:10] == [mutant.key for mutant in sampling.sample(10, 1, calls)]
    assert first != [mutant.key for mutant in sampling.sample(20, 2, calls)]


def test_a_sample_can_be_of_one_line() -> None:
    """So a mistake is made again, beside a test that was written for it."""
    [first, *_] = sampling.sample(1, 1, "server/protocube_server/calls/")
    assert {each.place for each in sampling.sample(100, 1, first.place)} == {first.place}


def test_generated_code_is_spared() -> None:
    """Nobody makes mistakes there."""
    assert not sampling.sample(1, 1, "server/protocube_server/storage/etcd/proto/")


def test_a_file_has_the_tests_of_its_part() -> None:
    """Those of the innermost part."""
    [first, *_] = sampling.of(NAME, SOURCE)
    assert "tests/storage/test_sqlite" in first.near
