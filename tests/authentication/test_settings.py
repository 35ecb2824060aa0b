"""What a server is started with, and who is let in by that: nobody by accident."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from protocube.catalog import Catalog
from protocube_server import __main__ as command
from protocube_server import app, securing
from protocube_server.credentials import FLAGS
from protocube_server.edge.listening import CannotListen
from protocube_server.edge.tls import TlsFiles
from protocube_server.settings import Settings
from tests.server.caller import Caller

if TYPE_CHECKING:
    from pathlib import Path

ELSEWHERE = "0.0.0.0:0"
REFUSED = (
    f"cannot listen on {ELSEWHERE} without authentication: whoever reaches it could read and "
    f"change everything (give {FLAGS}, or accept it with --allow-everyone)"
)


def _settings(folder: Path, **chosen: Any) -> Settings:
    return Settings(**{"listen": ELSEWHERE, "store": f"sqlite:{folder}/store.db", **chosen})


def _tls(folder: Path, *, asks: bool) -> TlsFiles:
    authority = folder / "ca" if asks else None
    return TlsFiles(certificate=folder / "c", key=folder / "k", client_authority=authority)


def _files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_elsewhere_somebody_has_to_be_known(tmp_path: Path) -> None:
    """TLS that asks for no certificate says who the server is, and not who calls."""
    for chosen in ({"insecure_plaintext": True}, {"tls": _tls(tmp_path, asks=False)}):
        with pytest.raises(CannotListen) as refused:
            securing.require_safe(_settings(tmp_path, **chosen), loopback=False)
        assert str(refused.value) == REFUSED


def test_the_risk_can_be_accepted_by_its_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log then says what it means, and which flag it was."""
    caplog.set_level(logging.WARNING)
    settings = _settings(tmp_path, insecure_plaintext=True, allow_everyone=True)
    securing.require_safe(settings, loopback=False)
    assert caplog.messages == [
        (
            f"everybody who reaches {ELSEWHERE} is system:admin and may do everything "
            "(--allow-everyone)"
        )
    ]


def test_a_way_to_be_known_is_enough(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Tokens and client certificates both are one."""
    plain = {"insecure_plaintext": True, "token_file": tmp_path}
    for chosen in (plain, {"tls": _tls(tmp_path, asks=True)}):
        securing.require_safe(_settings(tmp_path, **chosen), loopback=False)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (
            {"authentication_required": True},
            (f"--authentication=required needs {FLAGS}: without one of them nobody could call"),
        ),
        (
            {"anonymous": True},
            f"--anonymous needs {FLAGS}: without one of them everybody is system:admin",
        ),
        (
            {"allow_everyone": True, "token_file": "tokens"},
            f"--allow-everyone contradicts {FLAGS}",
        ),
        (
            {"service_account_issuers": ("https://x",), "token_file": "tokens"},
            "--service-account-issuer needs --service-account-key, which signs",
        ),
        (
            {"service_account_issuers": ("https://x", ""), "service_account_keys": ("sa.key",)},
            "--service-account-issuer is empty: every token names who it is from",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    tmp_path: Path, chosen: dict[str, Any], text: str
) -> None:
    """None of them is ignored, on loopback neither."""
    with pytest.raises(ValueError, match="--") as refused:
        securing.require_safe(_settings(tmp_path, **chosen), loopback=True)
    assert str(refused.value) == text


async def test_a_refused_start_opens_nothing(tmp_path: Path) -> None:
    """It ends with the sentence before there is a store."""
    with pytest.raises(CannotListen) as refused:
        async with app.running(_settings(tmp_path, insecure_plaintext=True)):
            pass
    assert str(refused.value) == REFUSED
    assert _files(tmp_path) == []


async def test_a_token_file_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    """It ends with Kubernetes' sentence, which has the file's name."""
    file = tmp_path / "tokens.csv"
    file.write_text("t,alice\n")
    with pytest.raises(ValueError, match="token file") as refused:
        async with app.running(_settings(tmp_path, listen="127.0.0.1:0", token_file=file)):
            pass
    text = f"token file '{file}' must have at least 3 columns (token, user name, user uid), found 2"
    assert str(refused.value) == text
    assert _files(tmp_path) == ["tokens.csv"]


async def test_loopback_asks_nobody_unless_it_is_told_to(tmp_path: Path) -> None:
    """Everybody on the machine may do everything, as before."""
    settings = _settings(tmp_path, listen="127.0.0.1:0", grace=0.1)
    async with app.running(settings) as running, Caller(running.address, Catalog.shipped()) as api:
        assert (await api.create(api.make("cm", "a"))).metadata.name == "a"


MTLS = {"listen_mtls": ELSEWHERE}


async def test_a_listener_for_certificates_has_to_have_an_authority(tmp_path: Path) -> None:
    """There is nothing to hold certificates against without one."""
    settings = _settings(tmp_path, listen="127.0.0.1:0", token_file=tmp_path / "t", **MTLS)
    with pytest.raises(ValueError, match="--listen-mtls needs --client-ca"):
        async with app.running(settings):
            pass


def test_both_listeners_have_callers_who_can_be_known(tmp_path: Path) -> None:
    """With certificates alone nobody could call the one that does not ask for them."""
    settings = _settings(tmp_path, tls=_tls(tmp_path, asks=True), **MTLS)
    with pytest.raises(ValueError, match="the callers of --listen show tokens, and there are none"):
        securing.require_safe(settings, loopback=False)
    securing.require_safe(replace(settings, token_file=tmp_path / "t"), loopback=False)


def test_flags_are_told_in_the_help() -> None:
    """Each of them says who is let in."""
    output = CliRunner().invoke(command.main, ["--help"]).output
    for flag in (
        "--token-file",
        "--service-account-key",
        "--listen-mtls",
        "--anonymous",
        "--authentication",
        "--allow-everyone",
    ):
        assert flag in output
