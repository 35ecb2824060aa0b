"""Where calls are written down when nothing is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocube_server import app, auditing
from protocube_server.settings import Settings
from tests.authentication.mutual import Mutual


@pytest.mark.parametrize(
    ("store", "place"),
    [
        ("sqlite:/d/protocube.db", "/d/protocube.audit.log"),
        ("sqlite::memory:", "/own/audit.log"),
        ("etcd://127.0.0.1:2379", "/own/audit.log"),
    ],
)
def test_it_is_beside_the_file_of_a_store_or_in_the_servers_folder(store: str, place: str) -> None:
    """A store in memory has no file, so that nothing lies beside it."""
    settings = Settings(store=store, data_folder=Path("/own"))
    assert auditing.place(settings, loopback=False) == place
    assert not auditing.place(settings, loopback=True)


async def test_callers_with_certificates_from_elsewhere_are_written_down(tmp_path: Path) -> None:
    """Also where those who show tokens are of this machine."""
    tokens = tmp_path / "tokens.csv"
    tokens.write_text("t,alice,1\n")
    settings = Settings(
        listen="127.0.0.1:0",
        listen_mtls="0.0.0.0:0",
        store=f"sqlite:{tmp_path}/store.db",
        tls=Mutual(tmp_path).files,
        token_file=tokens,
        grace=0.1,
    )
    async with app.running(settings):
        pass
    assert (tmp_path / "store.audit.log").exists()
