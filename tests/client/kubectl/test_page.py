"""Every command and flag of kubectl's has its place in cubectl, and docs/cubectl.md says which."""

from __future__ import annotations

from tests.client.kubectl import page


def test_the_page_is_what_the_programs_say() -> None:
    """``scripts/cubectl-page`` writes it."""
    assert page.PAGE.read_text() == page.written()


def test_each_flag_of_kubectls_is_there_or_refused_by_name() -> None:
    """With its short name; and a command that is not there says why."""
    here = page.ours()[0]
    rows = list(page.rows())
    assert {row.name: row.unknown for row in rows if row.unknown} == {}
    assert {row.name: row.renamed for row in rows if row.renamed} == {}
    assert [row.name for row in rows if row.name not in here and not row.refused] == []
