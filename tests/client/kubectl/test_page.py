"""Every command and flag of kubectl's has its place in cubectl, and docs/cubectl.md says which."""

from __future__ import annotations

import re

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


def test_readme_names_what_is_not_here_and_what_is_here_alone() -> None:
    """All of it, and nothing else: commands of one word that are missing, and ours besides."""
    readme = (page.PAGE.parents[1] / "README.md").read_text()
    _, _, told = readme.partition("Not here are ")
    missing, _, more = told.partition("Here alone are ")
    known = page.theirs()
    absent = {row.name for row in page.rows() if row.refused and " " not in row.name}
    # kubectl has both of these, without flags that it tells of.
    own = {row.name for row in page.rows() if row.name not in known} - {"help", "options"}
    assert set(re.findall(r"`([\w -]+)`", missing)) == absent
    assert set(re.findall(r"`([\w -]+)`", more.partition(". ")[0])) == own
