"""Kinds that the server has and that ``cubectl`` was not built with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube_server import app
from protocube_server.settings import Settings
from tests import machines
from tests.client.cli.test_places import AtTerminal
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.client.command_line import Done

_OPTION = "name_format: NAME_FORMAT_DNS_LABEL"
_MORE = (
    'categories: "all" former_groups: "old.example.com" columns { name: "Size" path: ".spec.size" }'
)
_FILE = machines.file((_OPTION, f"{_OPTION} {_MORE}"))
_MACHINE = "apiVersion: example.com/v1\nkind: Machine\nmetadata: {name: g}\nspec: {size: large}\n"


class CubectlOfMachines:
    """``cubectl`` beside a server that has machines."""

    def __init__(self, server: str, home: Path) -> None:
        self._cubectl = CommandLine(environ={"HOME": str(home), "PROTOCUBE_SERVER": server})

    async def __call__(self, *args: str, stdin: str = "") -> Done:
        """Run a command in a thread: the server is in this one."""
        return await asyncio.to_thread(self._cubectl, *args, stdin=stdin.encode())

    async def at_terminal(self, *args: str, stdin: str = "") -> str:
        """Return what a failing command shows at a terminal."""
        command = AtTerminal(environ={**self._cubectl.environ})
        return await asyncio.to_thread(command, *args, stdin=stdin)


@pytest.fixture
async def cubectl(tmp_path: Path) -> AsyncGenerator[CubectlOfMachines, None]:
    """Provide the command line of a user of a server that also serves machines."""
    catalog = machines.catalog(_FILE)
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)
    async with app.running(settings, catalog) as running:
        yield CubectlOfMachines(running.address, tmp_path)


async def test_are_created_shown_and_deleted(cubectl: CubectlOfMachines) -> None:
    """By every name they have, with the columns of their schema."""
    assert (await cubectl("create", "-f", "-", stdin=_MACHINE)).out == (
        "machine.example.com/g created\n"
    )
    shown = await cubectl("get", "ma", "--no-headers")
    assert shown.out.split()[:2] == ["g", "large"]
    assert "size: large\n" in (await cubectl("get", "machine/g", "-o", "yaml")).out
    assert (await cubectl("delete", "machines.example.com", "g")).out == (
        'machine.example.com "g" deleted\n'
    )


async def test_are_found_in_lists_and_without_sending(cubectl: CubectlOfMachines) -> None:
    """The items of a List are looked up one by one, and a dry run asks for kinds, too."""
    items = "\n".join(f"  {line}" for line in _MACHINE.splitlines())
    text = f"apiVersion: v1\nkind: List\nitems:\n- {items.lstrip()}\n"
    done = await cubectl("create", "-f", "-", "--dry-run=client", stdin=text)
    assert (done.out, done.err) == ("machine.example.com/g created (dry run)\n", "")


async def test_are_deleted_behind_other_kinds(cubectl: CubectlOfMachines) -> None:
    """A kind that is learned in the middle of a file is known to all that comes then."""
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: g}}\n---\n{_MACHINE}"
    assert (await cubectl("create", "-f", "-", stdin=text)).code == 0
    done = await cubectl("delete", "-f", "-", "--parallel=1", stdin=text)
    assert (done.out, done.err) == (
        'configmap "g" deleted\nmachine.example.com "g" deleted\n',
        "",
    )


async def test_are_in_their_categories(cubectl: CubectlOfMachines) -> None:
    """``all`` means those kinds, too, that the command line was not built with."""
    assert (await cubectl("create", "-f", "-", stdin=_MACHINE)).code == 0
    assert (await cubectl("get", "all", "-o", "name")).out == "machine.example.com/g\n"


async def test_are_what_was_meant(cubectl: CubectlOfMachines) -> None:
    """Hints name them: on the command line, in a manifest, and under a group they have left."""
    assert 'did you mean "machines"?' in await cubectl.at_terminal("get", "machinez")
    for old, new, hint in (
        ("Machine", "Machien", "Machine"),
        ("example.com/v1", "exmple.com/v1", "apiVersion: example.com/v1"),
        ("example.com/v1", "old.example.com/v1", "apiVersion: example.com/v1"),
    ):
        text = _MACHINE.replace(old, new)
        shown = await cubectl.at_terminal("create", "-f", "-", stdin=text)
        assert f'did you mean "{hint}"?' in shown
        assert ("Machine is served as example.com/v1" in shown) is ("old." in new)


async def test_are_completed(cubectl: CubectlOfMachines) -> None:
    """The kinds, and the names of their objects."""
    assert (await cubectl("create", "-f", "-", stdin=_MACHINE)).code == 0
    assert (await cubectl("__complete", "get", "mach")).out == "machines\texample.com/v1\n"
    assert (await cubectl("__complete", "get", "ma", "")).out == "g\n"


async def test_a_kind_that_is_not_known_is_an_error(cubectl: CubectlOfMachines) -> None:
    """Of the kind, as ever."""
    assert (await cubectl("get", "widgets")).err == (
        'error: the server doesn\'t have a resource type "widgets"\n'
    )
    done = await cubectl("create", "-f", "-", stdin=_MACHINE.replace("Machine", "Widget"))
    assert 'no matches for kind "Widget" in version "example.com/v1"' in done.err


_REFUSED = (
    "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?"
)


@pytest.mark.parametrize(
    "words",
    [
        ("get", "widgets"),
        ("delete", "widget/a"),
        ("events", "--for=widget/a"),
        ("create", "role", "r", "--verb=get", "--resource=widgets", "--dry-run=client"),
    ],
    ids=" ".join,
)
def test_without_a_server_the_server_is_what_is_missing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """It may have the kind, and nobody can say that it has not."""
    done = CommandLine(environ={"HOME": str(tmp_path)})("--server=127.0.0.1:1", *words)
    assert (done.code, done.out, done.err) == (1, "", f"{_REFUSED}\n")


def test_without_a_server_no_definitions_are_asked_for(tmp_path: Path) -> None:
    """A document of a kind that is not shipped is told of with the server that could not answer.

    The documents behind it are tried.
    """
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    text = f"{_MACHINE}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: g}}\n"
    done = cubectl("create", "-f", "-", "--dry-run=client", stdin=text.encode())
    assert (done.code, done.out) == (1, "configmap/g created (dry run)\n")
    assert done.err == (
        'error: resource mapping not found for name: "g" namespace: "" from "STDIN": '
        'no matches for kind "Machine" in version "example.com/v1"\n'
        f"the server could not be asked for its kinds: {_REFUSED}\n"
    )
