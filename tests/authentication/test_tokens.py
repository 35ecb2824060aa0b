"""Token files and bearer tokens: what they say, and what is refused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from protocube import errors
from protocube_server.authentication import bearer, tokens
from protocube_server.authentication.authenticator import Authenticator
from protocube_server.authentication.token_file import TokenFile
from protocube_server.authentication.tokens import Tokens
from protocube_server.calls.user import User
from protocube_server.config_files import UnusableFile
from protocube_server.followed_file import FollowedFile
from protocube_server.tasks import beside
from tests.authentication.identified import identified
from tests.logged import Logged

if TYPE_CHECKING:
    from pathlib import Path

ALICE = User(name="alice", uid="1", groups=("devs", "ops"))


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("Bearer t", "t"),
        ("bearer t", "t"),
        ("BEARER t", "t"),
        ("  Bearer t ", "t"),
        ("Bearer t rest", "t"),
        ("Bearer", ""),
        ("Bearer ", ""),
        # Kubernetes takes what stands behind the first space.
        ("Bearer  t", ""),
        ("Basic t", ""),
        ("Bearert", ""),
        ("t", ""),
        ("", ""),
    ],
)
def test_a_bearer_token_is_what_follows_the_scheme(value: str, token: str) -> None:
    """Anything else is no credential."""
    assert bearer.token_of(value) == token


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("", {}),
        ("t,alice,1\n", {"t": User(name="alice", uid="1")}),
        ('t,alice,1,"devs,ops"\n', {"t": ALICE}),
        ("t,alice,1,\n", {"t": User(name="alice", uid="1")}),
        ("t,alice,1,devs,more\n", {"t": User(name="alice", uid="1", groups=("devs",))}),
        ("\nt,alice,1", {"t": User(name="alice", uid="1")}),
        ("t,a,1\nt,b,2\n", {"t": User(name="b", uid="2")}),
        (",a,1\nt,b,2\n", {"t": User(name="b", uid="2")}),
        ('"t,1",a,1\n', {"t,1": User(name="a", uid="1")}),
    ],
)
def test_a_line_of_a_token_file_is_a_user(text: str, users: dict[str, User]) -> None:
    """Lines are CSV: token, user, uid and groups."""
    assert tokens.parse(text, "F") == users


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "t,alice\n",
            "token file 'F' must have at least 3 columns (token, user name, user uid), found 2",
        ),
        ('t,"alice', "token file 'F' cannot be read: line 1: unexpected end of data"),
    ],
)
def test_a_line_that_is_none_is_refused(text: str, fault: str) -> None:
    """The first is Kubernetes' text; no refusal has a token in it."""
    with pytest.raises(UnusableFile) as refused:
        tokens.parse(text, "F")
    assert str(refused.value) == fault


def test_an_empty_token_and_a_repeated_one_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """The warnings name the line, and no token."""
    tokens.parse("secret,a,1\n,b,2\nsecret,c,3\n", "F")
    assert [record.getMessage() for record in caplog.records] == [
        "line 2 of the token file F has an empty token",
        "line 3 of the token file F repeats a token",
    ]


def test_a_token_proves_a_user_who_is_known() -> None:
    """Users whose name is proven are in one more group; another token proves nobody."""
    found = Tokens({"t": ALICE})
    identity = found.find("t")
    assert identity is not None
    assert identity.user.groups == ("devs", "ops", "system:authenticated")
    assert found.find("T") is None
    assert found.find("") is None
    assert found.find("\udcff") is None


def test_an_identity_holds_as_long_as_its_token_proves_the_same() -> None:
    """A token that is removed, or given to another user, proves nothing that it has proven."""
    found = Tokens({"t": ALICE, "u": ALICE, "v": ALICE})
    before = {token: found.find(token) for token in "tuv"}
    found.replace({"t": ALICE, "u": User(name="bob")})
    valid = {token: identity and identity.is_valid() for token, identity in before.items()}
    assert valid == {"t": True, "u": False, "v": False}
    assert found.find("t") is before["t"]


def test_tokens_are_not_kept() -> None:
    """Neither a token nor a digest that others could compute is in memory."""
    found = Tokens({"token-of-alice": ALICE})
    assert "token-of-alice" not in repr(vars(found))
    assert not set(found._identities) & set(Tokens({"token-of-alice": ALICE})._identities)


def test_a_token_takes_the_room_of_one_however_it_is_written() -> None:
    """Else whoever has one could have all others proven anew with each call."""
    authenticator = Authenticator(tokens=Tokens({"t": User(name="alice")}))
    identity = authenticator.at_once("Bearer t")
    for number in range(100):
        assert authenticator.at_once(f"bearer t {number}") is identity
    assert len(authenticator._proven) == 1


def test_a_token_that_was_proven_proves_nothing_when_it_is_gone() -> None:
    """Also when it comes back for another user: what it proved is not what it proves."""
    tokens = Tokens({"t": User(name="alice")})
    authenticator = Authenticator(tokens=tokens)
    assert authenticator.at_once("Bearer t") is authenticator.at_once("Bearer t")
    tokens.replace({})
    with pytest.raises(errors.Unauthenticated):
        authenticator.at_once("Bearer t")
    tokens.replace({"t": User(name="bob")})
    found = authenticator.at_once("Bearer t")
    assert found is not None
    assert found.user.name == "bob"


async def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    """One that cannot be used is logged once, and the tokens in use stay."""
    file = tmp_path / "tokens.csv"
    file.write_text("t,alice,1\n")
    found = TokenFile(file)
    changed = asyncio.Event()
    with Logged("protocube_server.followed_file") as logged:
        async with beside(found.follow(changed.set, every=0.01)), asyncio.timeout(10):
            file.write_text("no tokens\n")
            await logged.event.wait()
            assert not changed.is_set()
            assert found.tokens.find("t") is not None
            file.write_text("u,bob,2\nv,bob,2\n")
            await changed.wait()
    assert found.tokens.find("t") is None
    assert len(found.tokens) == 2
    (line,) = logged.lines
    assert line.startswith("what was read before stays in use: token file ")


async def test_a_fault_of_ours_does_not_end_the_following(tmp_path: Path) -> None:
    """It is logged, and what the file says next is read."""
    file = tmp_path / "file"
    file.write_text("first")

    def load(path: Path) -> str:
        if (text := path.read_text()) == "faulty":
            raise RuntimeError
        return text

    followed = FollowedFile(file, load, what="file")
    read: asyncio.Queue[str] = asyncio.Queue()
    with Logged("protocube_server.followed_file") as logged:
        async with beside(followed.follow(read.put_nowait, every=0.01)), asyncio.timeout(10):
            file.write_text("faulty")
            await logged.event.wait()
            file.write_text("second one")
            assert await read.get() == "second one"
    assert logged.lines == [f"what was read before of {file} stays in use"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """The operating system's reason is told."""
    with pytest.raises(UnusableFile, match=r"cannot read the token file .*: No such file"):
        TokenFile(tmp_path / "none")
    (tmp_path / "binary").write_bytes(b"\xff,a,1\n")
    with pytest.raises(UnusableFile, match="is no text in UTF-8"):
        TokenFile(tmp_path / "binary")


@pytest.mark.parametrize("anonymous", [False, True])
def test_a_wrong_token_is_never_anonymous(*, anonymous: bool) -> None:
    """It is refused whether or not callers without one are let in."""
    asked = Authenticator(tokens=Tokens({"t": ALICE}), anonymous=anonymous)
    for value in ("Bearer wrong", "bearer T"):
        with pytest.raises(errors.Unauthenticated, match=r"^Unauthorized$"):
            asked.identity(value)
    assert identified(asked.identity("Bearer t")).user.name == "alice"


@pytest.mark.parametrize("value", [None, "", "Basic t", "Bearer", "Bearer  t"])
def test_no_credential_is_anonymous_where_that_is_allowed(value: str | None) -> None:
    """Such a caller is in the group of those who are not known, and not in the other one."""
    known = Tokens({"t": ALICE})
    with pytest.raises(errors.Unauthenticated):
        Authenticator(tokens=known).identity(value)
    user = identified(Authenticator(tokens=known, anonymous=True).identity(value)).user
    assert (user.name, user.groups) == ("system:anonymous", ("system:unauthenticated",))
