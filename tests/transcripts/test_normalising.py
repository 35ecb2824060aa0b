"""What means nothing is taken out of texts, and nothing else."""

from __future__ import annotations

import pytest

from tests.transcripts.normalising import normalised


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("at 2026-01-02T03:04:05Z", "at <TIME>"),
        ("at 2026-01-02T03:04:05.123456+01:00", "at <TIME>"),
        ("at Fri, 02 Jan 2026 03:04:05 +0000", "at <TIME>"),
        ("uid 0a1b2c3d-0000-4000-8000-000000000000", "uid <UID>"),
        ('resourceVersion: "17"', 'resourceVersion: "<RV>"'),
        ("Age:   5m", "Age:   <A>"),
        ("use cubectl", "use kubectl"),
        ("is 127.0.0.1:7443 up", "is <SERVER> up"),
    ],
)
def test_a_value_that_means_nothing_is_left_out(text: str, placeholder: str) -> None:
    """Times, uids, versions, addresses and the program's name."""
    assert normalised(text) == f"{placeholder}\n"


def test_ages_keep_their_columns() -> None:
    """A column behind the ages stands where it stood; other cells are left alone."""
    one = "NAME   AGE   LABELS\nweb    5s    a=5s\napi    112s  b=1\n"
    other = "NAME   AGE   LABELS\nweb    <A>   a=5s\napi    <A>   b=1\n"
    assert normalised(one) == other


def test_the_end_of_the_last_line_means_nothing() -> None:
    """Recordings do not say whether there was one; an empty text stays empty."""
    assert normalised("a") == normalised("a\n") == "a\n"
    assert normalised("") == ""
