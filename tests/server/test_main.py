"""The command ``cube-apiserver``: a real process, its flags, lines and exit codes."""

from __future__ import annotations

import asyncio
import re
import signal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import protocube
from protocube import errors
from protocube.catalog import Catalog
from protocube_server import __main__ as command
from protocube_server.commands import ranges
from protocube_server.commands.durations import duration
from tests.server.caller import Caller
from tests.server_process import started

if TYPE_CHECKING:
    from pathlib import Path

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO protocube\.server: "
"""What every line of the log begins with: when it was, and how much it matters."""
LISTEN = ("--listen", "127.0.0.1:0")


def store(folder: Path) -> tuple[str, str]:
    """Return the flag of a store in ``folder``."""
    return "--store", f"sqlite:{folder}/store.db"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_says_when_it_is_ready_and_ends_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    """One line names the address; a signal drains it, and it ends with 0."""
    async with (
        started(*LISTEN, *store(tmp_path)) as process,
        Caller(await process.ready(), Catalog.shipped()) as api,
    ):
        await api.create(api.make("cm", "a"))
        process.send(number)
        assert await process.ended() == 0
    ready, *others = process.lines
    assert re.fullmatch(
        rf"{STAMP}cube-apiserver {re.escape(protocube.__version__)} ready on 127\.0\.0\.1:\d+ "
        r"\(\d+ kinds, store sqlite:\S+/store\.db, new store, "
        r"everybody on this machine is system:admin, pid \d+, \d+\.\d\d s\)",
        ready,
    )
    assert len(others) == 1
    assert re.fullmatch(rf"{STAMP}draining; again to stop at once", others[0])


async def test_flags_can_be_environment_variables(tmp_path: Path) -> None:
    """Every flag is also ``PROTOCUBE_<FLAG>``; its limits hold."""
    environment = {
        "PROTOCUBE_LISTEN": "127.0.0.1:0",
        "PROTOCUBE_STORE": f"sqlite:{tmp_path}/from-environment.db",
        "PROTOCUBE_MAX_REQUEST_BYTES": "2048",
    }
    async with (
        started(environment=environment) as process,
        Caller(await process.ready(), Catalog.shipped()) as api,
    ):
        with pytest.raises(errors.TooLarge, match="limit is 2048"):
            await api.create(api.make("cm", "a", data={"k": "x" * 3000}))
    assert (tmp_path / "from-environment.db").exists()


async def test_the_store_is_in_the_users_data_directory_by_default(tmp_path: Path) -> None:
    """Without a flag the file lies where the user's data lies, and only the user can read it."""
    async with started(*LISTEN, environment={"XDG_DATA_HOME": str(tmp_path)}) as process:
        await process.ready()
    file = tmp_path / "protocube" / "protocube.db"
    assert file.stat().st_mode & 0o077 == 0


async def test_a_second_server_is_refused_in_one_line(tmp_path: Path) -> None:
    """The same file, and the same port, end the second server with 1 and one sentence."""
    async with started(*LISTEN, *store(tmp_path)) as first:
        address = await first.ready()
        async with started(*LISTEN, *store(tmp_path)) as same_file:
            assert await same_file.ended() == 1
        async with started("--listen", address, *store(tmp_path / "other")) as same_port:
            assert await same_port.ended() == 1
    (line,) = same_file.lines
    assert re.fullmatch(r"error: \S+/store\.db is open in another server .*", line)
    (line,) = same_port.lines
    assert line == f"error: cannot listen on {address}: Address already in use"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--store", "mysql:x"), r"error: invalid store"),
        (("--listen", "nowhere"), r"error: cannot listen on 'nowhere'"),
    ],
)
async def test_a_mistake_is_one_line(flags: tuple[str, str], said: str, tmp_path: Path) -> None:
    """What cannot be carried out is said without a traceback, with exit code 1."""
    given = (*LISTEN, *store(tmp_path), *flags)
    async with started(*given) as process:
        assert await process.ended() == 1
    (line,) = process.lines
    assert line.startswith(said)


def test_says_its_version() -> None:
    """``--version`` is for scripts: name and number."""
    result = CliRunner().invoke(command.main, ["--version"])
    assert result.exit_code == 0
    assert result.output == f"cube-apiserver {protocube.__version__}\n"


def test_helps() -> None:
    """``--help`` names every flag with its default, and shows examples."""
    result = CliRunner().invoke(command.main, ["--help"])
    assert result.exit_code == 0
    for word in ("--listen", "127.0.0.1:7443", "--store", "--max-calls", "--grace"):
        assert word in result.output


@pytest.mark.parametrize("words", [[], ["store", "show"], ["store", "export"]])
def test_examples_stand_one_on_a_line(words: list[str]) -> None:
    """They can be copied: no help text runs them together."""
    lines = CliRunner().invoke(command.main, [*words, "--help"]).output.splitlines()
    at = lines.index("  Examples:")
    assert all(
        line.startswith("    cube-apiserver") for line in lines[at + 1 : lines.index("", at)]
    )


@pytest.mark.parametrize(
    "flags", [["--nope"], ["--max-calls", "0"], ["--max-calls", "many"], ["--grace", "-1"], ["x"]]
)
def test_a_wrong_flag_is_a_usage_error(flags: list[str]) -> None:
    """Flags are checked before anything is opened."""
    result = CliRunner().invoke(command.main, flags)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_a_flag_before_a_command_is_not_lost() -> None:
    """The store's commands go without the server's flags, and say so."""
    result = CliRunner().invoke(command.main, ["--max-calls", "7", "store", "show"])
    assert result.exit_code == 2
    assert "Error: --max-calls before store is the server's" in result.output


@pytest.mark.parametrize("environment", [{}, {"PROTOCUBE_STORE": "sqlite:/none/c.db"}])
def test_a_store_can_be_named_before_the_command(environment: dict[str, str]) -> None:
    """As behind it, which counts when there are both; the environment counts least."""
    runner = CliRunner(env=environment)
    one = ["--store", "sqlite:/none/a.db", "store", "show"]
    assert "/none/a.db" in runner.invoke(command.main, one).output
    both = [*one, "--store", "sqlite:/none/b.db"]
    assert "/none/b.db" in runner.invoke(command.main, both).output


def test_no_command_reaches_a_store_in_memory() -> None:
    """It is its server's."""
    result = CliRunner().invoke(command.main, ["store", "check", "--store", "sqlite::memory:"])
    assert result.exit_code == 2
    assert "is in the memory of its server: no command reaches it" in result.output


async def test_the_ready_line_says_what_is_in_the_store(tmp_path: Path) -> None:
    """A wrong path shows at once: a new store where there should be objects."""
    async with started(*LISTEN, *store(tmp_path)) as process:
        await process.ready()
        process.send(signal.SIGTERM)
        await process.ended()
    assert ", new store, " in process.ready_line
    async with (
        started(*LISTEN, *store(tmp_path)) as process,
        Caller(await process.ready(), Catalog.shipped()),
    ):
        found = re.search(r", (\d+) objects, ", process.ready_line)
    assert found, process.lines
    assert int(found[1]) >= 4  # the namespaces of every store


async def test_a_server_on_a_store_in_memory(tmp_path: Path) -> None:
    """It serves, writes no file where it was started, and leaves nothing."""
    flags = (*LISTEN, "--store", "sqlite::memory:")
    async with (
        started(*flags, environment={"XDG_DATA_HOME": str(tmp_path)}) as process,
        Caller(await process.ready(), Catalog.shipped()) as api,
    ):
        await api.create(api.make("cm", "a"))
        process.send(signal.SIGTERM)
        assert await process.ended() == 0
    assert "store sqlite::memory:, new store" in process.ready_line
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("*.db")))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("90", 90.0),
        ("1h", 3600.0),
        ("1h30m", 5400.0),
        ("1h0m0s", 3600.0),
        ("5ms", 0.005),
    ],
)
def test_durations_are_those_of_kubernetes(text: str, seconds: float) -> None:
    """Numbers with units, one after the other; a plain number is of seconds."""
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "h", "-1h", "1d", "1h 5m", "1h5", "\u0661h", "1e3"])
def test_what_is_no_duration_is_a_usage_error(text: str) -> None:
    """It is said in one line, with the text."""
    result = CliRunner().invoke(command.main, ["--event-ttl", text])
    assert result.exit_code == 2
    assert "is not a duration such as 1h30m" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.0", None),
        ("10.0.0.1/24", "is no range of addresses"),
        ("10.0.0.0/8", "is too large: its prefix must be >= 12"),
        ("fd00::/64", "is too large: its prefix must be >= 108"),
        ("10.0.0.0/16,10.1.0.0/16", "has more than one range of a family"),
        ("10.0.0.0/16,fd00::/112,fd01::/112", "has more than one range of a family"),
        ("", "is no range of addresses"),
    ],
)
def test_what_is_no_range_of_addresses(text: str, said: str | None) -> None:
    """It is said in one line, with the text; a single address is a range."""
    if said is None:
        assert [str(each) for each in ranges.networks(text)] == ["10.0.0.0/32"]
        return
    result = CliRunner().invoke(command.main, ["--service-cluster-ip-range", text])
    assert result.exit_code == 2
    assert said in result.output


def test_a_range_of_each_family() -> None:
    """The first one is the main one."""
    found = ranges.networks("fd00::/112, 10.0.0.0/16")
    assert [str(each) for each in found] == ["fd00::/112", "10.0.0.0/16"]


@pytest.mark.parametrize(
    "text",
    ["30000", "a-b", "2-1", "0-5", "65000-65536", "1-", "\u0661-\u0662", f"1-{'9' * 5000}"],
)
def test_what_is_no_range_of_ports(text: str) -> None:
    """It is said in one line, with the text."""
    result = CliRunner().invoke(command.main, ["--service-node-port-range", text])
    assert result.exit_code == 2
    assert "is no range of ports such as 30000-32767" in result.output
