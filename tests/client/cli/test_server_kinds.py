"""Kinds that the server has and that ``cubectl`` was not built with."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from google.protobuf import descriptor_pb2, text_format

from protocube.api.v1 import group_version_pb2, resource_pb2
from protocube.catalog import Catalog
from protocube_server import app
from protocube_server.settings import Settings
from tests.client.cli.test_places import AtTerminal
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.client.command_line import Done

_TEXT = """
name: "example/v1/gadget.proto" package: "example.v1" syntax: "proto3"
dependency: "protocube/api/v1/group_version.proto"
dependency: "protocube/api/v1/resource.proto"
dependency: "protocube/meta/v1/object_meta.proto"
options { [protocube.api.v1.group_version] { group: "example.com" version: "v1" } }
message_type {
  name: "Gadget"
  field { name: "api_version" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "kind" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL }
  field {
    name: "metadata" number: 3 type: TYPE_MESSAGE label: LABEL_OPTIONAL
    type_name: ".protocube.meta.v1.ObjectMeta"
  }
  field { name: "colour" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL }
  options {
    [protocube.api.v1.resource] {
      plural: "gadgets" short_names: "gad" categories: "all" former_groups: "old.example.com"
      columns { name: "Colour" path: ".colour" }
    }
  }
}
"""
_EXTENSIONS = (group_version_pb2, resource_pb2)
"""Imported so that the text above can name their options."""
_GADGET = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\ncolour: red\n"


class Gadgets:
    """``cubectl`` beside a server that has gadgets."""

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
async def gadgets(tmp_path: Path) -> AsyncGenerator[Gadgets, None]:
    """Give the command line of a user of a server that also serves gadgets."""
    file = text_format.Parse(_TEXT, descriptor_pb2.FileDescriptorProto())
    catalog = Catalog([*Catalog.shipped().files, file])
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)
    async with app.running(settings, catalog) as running:
        yield Gadgets(running.address, tmp_path)


async def test_are_created_shown_and_deleted(gadgets: Gadgets) -> None:
    """By every name they have, with the columns of their schema."""
    assert (await gadgets("create", "-f", "-", stdin=_GADGET)).out == (
        "gadget.example.com/g created\n"
    )
    shown = await gadgets("get", "gad", "--no-headers")
    assert shown.out.split()[:2] == ["g", "red"]
    assert "colour: red\n" in (await gadgets("get", "gadget/g", "-o", "yaml")).out
    assert (await gadgets("delete", "gadgets.example.com", "g")).out == (
        'gadget.example.com "g" deleted\n'
    )


async def test_are_found_in_lists_and_without_sending(gadgets: Gadgets) -> None:
    """The items of a List are looked up one by one, and a dry run asks for kinds, too."""
    items = "\n".join(f"  {line}" for line in _GADGET.splitlines())
    text = f"apiVersion: v1\nkind: List\nitems:\n- {items.lstrip()}\n"
    done = await gadgets("create", "-f", "-", "--dry-run=client", stdin=text)
    assert (done.out, done.err) == ("gadget.example.com/g created (dry run)\n", "")


async def test_are_deleted_behind_other_kinds(gadgets: Gadgets) -> None:
    """A kind that is learned in the middle of a file is known to all that comes then."""
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: g}}\n---\n{_GADGET}"
    assert (await gadgets("create", "-f", "-", stdin=text)).code == 0
    done = await gadgets("delete", "-f", "-", "--parallel=1", stdin=text)
    assert (done.out, done.err) == (
        'configmap "g" deleted\ngadget.example.com "g" deleted\n',
        "",
    )


async def test_are_in_their_categories(gadgets: Gadgets) -> None:
    """``all`` means those kinds, too, that the command line was not built with."""
    assert (await gadgets("create", "-f", "-", stdin=_GADGET)).code == 0
    assert (await gadgets("get", "all", "-o", "name")).out == "gadget.example.com/g\n"


async def test_are_what_was_meant(gadgets: Gadgets) -> None:
    """Hints name them: on the command line, in a manifest, and under a group they have left."""
    assert 'did you mean "gadgets"?' in await gadgets.at_terminal("get", "gadgetz")
    for old, new, hint in (
        ("Gadget", "Gadgte", "Gadget"),
        ("example.com/v1", "exmple.com/v1", "apiVersion: example.com/v1"),
        ("example.com/v1", "old.example.com/v1", "apiVersion: example.com/v1"),
    ):
        text = _GADGET.replace(old, new)
        shown = await gadgets.at_terminal("create", "-f", "-", stdin=text)
        assert f'did you mean "{hint}"?' in shown
        assert ("Gadget is served as example.com/v1" in shown) is ("old." in new)


async def test_are_completed(gadgets: Gadgets) -> None:
    """The kinds, and the names of their objects."""
    assert (await gadgets("create", "-f", "-", stdin=_GADGET)).code == 0
    assert (await gadgets("__complete", "get", "gad")).out == "gadgets\texample.com/v1\n"
    assert (await gadgets("__complete", "get", "gad", "")).out == "g\n"


async def test_what_nobody_knows_is_an_error(gadgets: Gadgets) -> None:
    """Of the kind, as ever."""
    assert (await gadgets("get", "widgets")).err == (
        'error: the server doesn\'t have a resource type "widgets"\n'
    )
    done = await gadgets("create", "-f", "-", stdin=_GADGET.replace("Gadget", "Widget"))
    assert 'no matches for kind "Widget" in version "example.com/v1"' in done.err


def test_without_a_server_the_kind_is_what_is_missing(tmp_path: Path) -> None:
    """Whoever mistyped a kind is not told of a server that nobody needs for that."""
    cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": "127.0.0.1:1"})
    assert cubectl("get", "widgets").err == (
        'error: the server doesn\'t have a resource type "widgets"\n'
    )
