"""Command lines are read by kubectl's rules. The errors were observed from kubectl 1.32."""

from __future__ import annotations

import click
import pytest

from protocube_client.cli.failures import UsageError
from protocube_client.cli.flags import pflag
from protocube_client.cli.flags.integers import INT32
from protocube_client.cli.flags.pflag import Duration, Flag, Switch

KNOWN = [
    Flag(["-o", "--output"]),
    Flag(["-f", "--filename"], multiple=True),
    Flag(["--dry-run"], bare="unchanged"),
    Switch(["-A", "--all-namespaces"]),
    Switch(["-R", "--recursive"]),
    Switch(["--no-headers"]),
    Flag(["--grace-period"], type=click.INT),
    Duration(["--timeout"]),
]


def parse(*args: str, mixed: bool = True) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """Return the flags by their long names, and the arguments."""
    parsed = pflag.parse(args, KNOWN, advice="See help.", mixed=mixed)
    return [(flag.long.lstrip("-"), value) for flag, value in parsed.flags], parsed.arguments


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["-o", "yaml"], [("output", "yaml")]),
        (["-o=yaml"], [("output", "yaml")]),
        (["-oyaml"], [("output", "yaml")]),
        (["--output", "yaml"], [("output", "yaml")]),
        (["--output=yaml"], [("output", "yaml")]),
        (["--output="], [("output", "")]),
        (["-Rf", "x"], [("recursive", "true"), ("filename", "x")]),
        (["-ARf=x"], [("all-namespaces", "true"), ("recursive", "true"), ("filename", "x")]),
        (["-f", "-"], [("filename", "-")]),
        (["-f", "--output"], [("filename", "--output")]),
        (["--recursive=false"], [("recursive", "false")]),
        (["-R=false"], [("recursive", "false")]),
        (["--no_headers"], [("no-headers", "true")]),
        (["--dry-run"], [("dry-run", "unchanged")]),
        (["--dry-run=server"], [("dry-run", "server")]),
        (["--grace-period", "-1"], [("grace-period", "-1")]),
    ],
)
def test_flags_take_the_forms_of_kubectl(args: list[str], expected: list[tuple[str, str]]) -> None:
    """Values stand behind a space or an equals sign, short flags run together."""
    assert parse(*args) == (expected, ())


def test_a_flag_with_a_bare_form_leaves_the_next_word_alone() -> None:
    """``--dry-run client`` is a bare flag and an argument."""
    assert parse("--dry-run", "client") == ([("dry-run", "unchanged")], ("client",))


def test_flags_and_arguments_mix_unless_a_command_follows() -> None:
    """A command's flags may stand anywhere; the flags before a command's name end there."""
    assert parse("pods", "-A", "web") == ([("all-namespaces", "true")], ("pods", "web"))
    assert parse("-A", "pods", "-R", mixed=False) == (
        [("all-namespaces", "true")],
        ("pods", "-R"),
    )
    assert parse("pods", "--", "-A") == ([], ("pods", "-A"))


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("-1", -1), ("+0x1F", 31), ("010", 8), ("-0b11", -3), ("1_000", 1000), ("0", 0),
     ("0_7", 7), ("1__0", None), ("08", None), ("_1", None), ("", None), ("1e3", None),
     ("2147483647", 2147483647), ("2147483648", None), ("-2147483648", -2147483648),
     ("9" * 5000, None)],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_a_number_is_read_as_go_reads_it(text: str, number: int | None) -> None:
    """The base is in its prefix, and 32 bits must hold it where 32 bits are asked for."""
    assert bool(INT32.fault(text)) is (number is None)
    if number is not None:
        assert INT32.convert(text, None, None) == number


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--foo"], "unknown flag: --foo"),
        (["--foo=bar"], "unknown flag: --foo"),
        (["-z"], "unknown shorthand flag: 'z' in -z"),
        (["-Rz"], "unknown shorthand flag: 'z' in -z"),
        (["-f"], "flag needs an argument: 'f' in -f"),
        (["--filename"], "flag needs an argument: --filename"),
        (
            ["-R=maybe"],
            (
                'invalid argument "maybe" for "-R, --recursive" flag: '
                'strconv.ParseBool: parsing "maybe": invalid syntax'
            ),
        ),
        (
            ["--grace-period=x"],
            (
                'invalid argument "x" for "--grace-period" flag: '
                'strconv.ParseInt: parsing "x": invalid syntax'
            ),
        ),
        (
            ["--grace-period=9223372036854775808"],
            (
                'invalid argument "9223372036854775808" for "--grace-period" flag: '
                'strconv.ParseInt: parsing "9223372036854775808": value out of range'
            ),
        ),
        (["--timeout=x"], 'invalid argument "x" for "--timeout" flag: time: invalid duration "x"'),
        (
            ["--timeout=5"],
            'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"',
        ),
        (
            ["--timeout=5y"],
            'invalid argument "5y" for "--timeout" flag: time: unknown unit "y" in duration "5y"',
        ),
    ],
)
def test_a_wrong_flag_is_refused_in_the_words_of_kubectl(args: list[str], message: str) -> None:
    """The error names the flag and where help is."""
    with pytest.raises(UsageError) as caught:
        parse(*args)
    assert caught.value.lines == (f"error: {message}", "See help.")


@pytest.mark.parametrize(
    ("args", "position"),
    [
        (["x"], 0),
        (["-o", "yaml", "x"], 2),
        (["-o=yaml", "x"], 1),
        (["-oyaml", "x"], 1),
        (["-A", "x"], 1),
        (["-ARf", "a", "x"], 2),
        (["--dry-run", "x"], 1),
        (["--output", "yaml", "x"], 2),
        (["--unknown", "value", "x"], 2),
        (["--", "x"], None),
        (["-A"], None),
    ],
)
def test_a_command_is_found_behind_flags(args: list[str], position: int | None) -> None:
    """Values of flags are no commands; an unknown flag is taken to have a value."""
    assert pflag.first_argument(args, KNOWN) == position


def test_the_arguments_before_dashes_are_counted() -> None:
    """A name and a command to run are told apart by the dashes between them."""
    for args, count in ((["a", "b"], 2), (["a", "--", "b", "-A"], 1), (["--", "a"], 0)):
        assert pflag.parse(args, KNOWN, advice="", mixed=True).before_dashes == count


def test_words_stand_between_commas() -> None:
    """A flag that is given often and holds commas gives all words; quotes keep a comma."""
    assert pflag.words(("a,b", "c", '"d,e",f')) == ("a", "b", "c", "d,e", "f")
    assert pflag.words(()) == ()
