"""``cubectl history`` and ``get --at-revision``: what objects were before."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from protocube_server import app
from protocube_server.settings import Settings
from tests.client.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.command_line import Done

MANIFEST = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {x: %s}\n"
APPLY = ("apply", "-f", "-", "--server-side", "--force-conflicts", "--field-manager=me")


@pytest.fixture
def words(cubectl: CommandLine, namespace: str) -> tuple[str, ...]:
    """Provide the first words of a command line, with three versions of the ConfigMap web."""
    words = ("-n", namespace)
    assert cubectl(*words, "create", "-f", "-", stdin=MANIFEST % b"one").code == 0
    assert cubectl(*words, "label", "cm", "web", "app=web").code == 0
    assert cubectl(*words, *APPLY, stdin=MANIFEST % b"two").code == 0
    return words


def versions(cubectl: CommandLine, words: tuple[str, ...]) -> list[str]:
    """Return the versions of web, the newest first."""
    shown = "-o=jsonpath={.metadata.resourceVersion} "
    done = cubectl(*words, "history", "cm/web", "--limit=0", shown)
    assert done.code == 0, done.err
    return done.out.split()


def test_each_version_says_who_wrote_it_and_what(
    cubectl: CommandLine, words: tuple[str, ...]
) -> None:
    """The newest comes first."""
    done = cubectl(*words, "history", "cm", "web")
    lines = re.sub(r"^\d+ +\S+ +", "", done.out, flags=re.MULTILINE).splitlines()
    assert lines == [
        "REVISION   AGE   OPERATION   MANAGER",
        "Apply       me",
        '  .data.x: "one" -> "two"',
        "Update      kubectl-label",
        '  .metadata.labels: {"app":"web"} is new',
        "Create      kubectl-create",
    ]
    assert (done.code, done.err) == (0, "")


def test_a_number_of_versions_is_enough(cubectl: CommandLine, words: tuple[str, ...]) -> None:
    """It is said that there are more."""
    _, middle, _ = versions(cubectl, words)
    done = cubectl(*words, "history", "cm/web", "--limit=2", "--no-headers")
    assert len(done.out.splitlines()) == 4
    assert done.err == f"There are versions before {middle}: --limit=0 shows all.\n"
    assert cubectl(*words, "history", "cm/web", "--limit=-1").code == 1


def test_an_object_can_be_had_as_it_was(cubectl: CommandLine, words: tuple[str, ...]) -> None:
    """By its name, in a list, and when it is deleted now."""
    _, middle, first = versions(cubectl, words)
    assert cubectl(*words, "delete", "cm/web").code == 0
    value = "-o=jsonpath={..data.x}"
    assert cubectl(*words, "get", "cm", "web", f"--at-revision={first}", value).out == "one"
    listed = cubectl(*words, "get", "cm", "-l=app", f"--at-revision={middle}", value)
    assert listed.out == "one"
    assert cubectl(*words, "history", "cm/web").err.startswith("Error from server (NotFound)")
    done = cubectl(*words, "history", "cm/web", f"--at-revision={middle}", "-o", "name")
    assert done.out == "configmap/web\n" * 2
    done = cubectl(*words, "get", "cm", "-w", "--at-revision=1")
    assert done.err == "error: --at-revision cannot be used with --watch or --watch-only\n"


def test_secrets_are_not_told(cubectl: CommandLine, namespace: str) -> None:
    """Only that they changed."""
    words = ("-n", namespace)
    assert cubectl(*words, "create", "secret", "generic", "s", "--from-literal=p=one").code == 0
    assert cubectl(*words, "patch", "secret", "s", "-p", '{"stringData":{"p":"two"}}').code == 0
    assert "  .data.p: *** -> ***\n" in cubectl(*words, "history", "secret/s").out


async def test_where_the_history_ends_is_said(tmp_path: Path) -> None:
    """With the flag of the server that sets it."""
    settings = Settings(listen="127.0.0.1:0", store=f"sqlite:{tmp_path}/store.db", grace=0.5)
    async with app.running(settings) as running:
        cubectl = CommandLine(environ={"HOME": str(tmp_path), "PROTOCUBE_SERVER": running.address})

        async def run(*arguments: Any, stdin: bytes = b"") -> Done:
            return await asyncio.to_thread(cubectl, *arguments, stdin=stdin)

        await run("create", "-f", "-", stdin=MANIFEST % b"one")
        await run("label", "cm", "web", "app=web")
        _, first = versions_of = (
            await run("history", "cm/web", "-o=jsonpath={.metadata.resourceVersion} ")
        ).out.split()
        store = running.api.store
        await store.compact(await store.revision())
        done = await run("history", "cm/web", "--no-headers")
        assert done.out.endswith("Update      kubectl-label\n")
        assert done.err == (
            f"Versions before {versions_of[0]} are forgotten "
            "(--compact-interval of the server sets how far back its history reaches).\n"
        )
        for name in ([], ["web"]):
            done = await run("get", "cm", *name, f"--at-revision={first}")
            assert (done.code, done.out) == (1, "")
            assert done.err.startswith("Error from server (Expired): ")
            assert "--compact-interval" in done.err
