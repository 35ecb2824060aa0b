"""``store export --readable``: lines that people read, and that make the same store again."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from protocube_server.kinds import kept
from protocube_server.storage import keys
from tests.server.store_commands import config_map, content, run
from tests.server.test_store_command import add

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = b"\xfa\xff\x07\x01x"
"""A field of a number that no kind has."""


def test_lines_are_manifests_and_make_the_same_store(url: str, other: str, tmp_path: Path) -> None:
    """Also what a manifest cannot say goes along: kept fields, unknown fields, the server's own."""
    entry = keys.system("/registry", keys.Area.RESERVATIONS, "crd")
    asyncio.run(
        add(
            url,
            {
                b"/registry/configmaps/default/owned": kept.with_message(
                    b"who", config_map("owned")
                ),
                b"/registry/configmaps/default/newer": config_map("newer") + UNKNOWN,
                b"/registry/configmaps/default/umlaut": config_map("umlaut", "Gr\u00f6\u00dfe\n2"),
                b"/registry/unicorns/a": b"\xff\x00",
                entry: b"{}",
            },
        )
    )
    file = tmp_path / "all.jsonl"
    assert run("export", file, "--readable", "--store", url).exit_code == 0
    head, *lines, _ = [json.loads(line) for line in file.read_text().splitlines()]
    assert head["version"] == 3
    told = {line["key"]: line for line in lines}
    plain = told["configmaps/default/a"]
    assert plain["manifest"]["data"] == {"text": "one"}
    assert plain["version"] > 0
    assert "value" not in plain
    assert "kept" in told["configmaps/default/owned"]
    assert {name for name, line in told.items() if "value" in line} == {
        "configmaps/default/newer", "unicorns/a", "~system/reservations/crd",
    }  # fmt: skip
    assert "Gr\u00f6\u00dfe\\n2" in file.read_text()
    done = run("import", file, "--store", other)
    assert done.exit_code == 0, done.output
    before, after = asyncio.run(content(url)), asyncio.run(content(other))
    marks = {b"/registry/compaction", keys.system("/registry", keys.Area.FORMAT)}
    expected = {
        keys.relative("/registry", key): record.value
        for key, record in before.items()
        if key not in marks
    }
    prefix = "/registry" if other.startswith("sqlite") else "/another/prefix"
    assert {
        keys.relative(prefix, key): record.value
        for key, record in after.items()
        if key != keys.system(prefix, keys.Area.FORMAT)
    } == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"manifest": {"data": {"text": 7}}}, "configmaps/default/a does not fit"),
        ({"manifest": {"dta": {}}}, "configmaps/default/a does not fit"),
        ({"key": "unicorns/a"}, "unicorns/a is of no kind that this program or the export knows"),
        ({"value": "?"}, "configmaps/default/a cannot be read"),
    ],
    ids=["type", "field", "kind", "base64"],
)
def test_a_line_that_cannot_be_stored(
    url: str, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    """It is named, and nothing is written."""
    file, target = tmp_path / "all.jsonl", f"sqlite:{tmp_path}/target.db"
    assert run("export", file, "--readable", "--store", url).exit_code == 0
    lines = file.read_text().splitlines(keepends=True)
    lines[1] = json.dumps({**json.loads(lines[1]), **change}) + "\n"
    digest = hashlib.sha256("".join(lines[:-1]).encode()).hexdigest()
    lines[-1] = json.dumps({"objects": len(lines) - 2, "sha256": digest}) + "\n"
    file.write_text("".join(lines))
    done = run("import", file, "--store", target)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "target.db").exists()
