"""``cubectl create secret tls``: a pair is judged in Go's words, and none of OpenSSL's are shown.

What is expected was observed from kubectl 1.32.
"""

from __future__ import annotations

import base64
import subprocess
from typing import TYPE_CHECKING

import pytest

from protocube_client.cli.commands.create import key_pairs, pem_blocks
from protocube_client.cli.failures import CommandError

if TYPE_CHECKING:
    from pathlib import Path

NO_KEY = "tls: failed to parse private key"
NO_CERTIFICATE = "x509: malformed certificate"
TYPES = "tls: private key type does not match public key type"


def pem(kind: str, data: bytes) -> bytes:
    """Return a block."""
    return pem_blocks.Block(type=kind, data=data).text()


def openssl(folder: Path, *args: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Provide certificates and keys of several kinds, by file names."""
    folder = tmp_path_factory.mktemp("pairs")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    kinds = {
        "ec": curve, "rsa": ("-newkey", "rsa:2048"), "short": ("-newkey", "rsa:1024"),
        "ed": ("-newkey", "ed25519"),
    }  # fmt: skip
    for name, kind in kinds.items():
        openssl(folder, "req", "-x509", *kind, "-nodes", "-subj", "/CN=x",
                "-keyout", f"{name}.key", "-out", f"{name}.crt")  # fmt: skip
    openssl(folder, "rsa", "-in", "rsa.key", "-traditional", "-out", "pkcs1.key")
    openssl(folder, "rsa", "-in", "rsa.key", "-traditional", "-aes128", "-passout", "pass:x",
            "-out", "locked1.key")  # fmt: skip
    openssl(folder, "ec", "-in", "ec.key", "-out", "sec1.key")
    openssl(folder, "pkcs8", "-topk8", "-in", "ec.key", "-passout", "pass:x", "-out", "locked.key")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def fault(certificate: bytes, key: bytes) -> str:
    """Return what is said of a pair, nothing of one that is right."""
    try:
        key_pairs.check(certificate, key)
    except CommandError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        ("ec", "ec"),
        ("ec", "sec1"),
        ("rsa", "rsa"),
        ("rsa", "pkcs1"),
        ("ed", "ed"),
        ("short", "short"),
    ],
)
def test_a_pair_is_taken(pairs: dict[str, bytes], certificate: str, key: str) -> None:
    """In all forms that a key can have, and however short it is."""
    assert fault(pairs[f"{certificate}.crt"], pairs[f"{key}.key"]) == ""


def test_what_surrounds_a_pair_is_passed_over(pairs: dict[str, bytes]) -> None:
    """Text, headers, other blocks, line ends, and what stands behind the first certificate."""
    certificate, key = pairs["rsa.crt"], pairs["rsa.key"]
    headers = certificate.replace(b"CERTIFICATE-----\n", b"CERTIFICATE-----\nA: b\n\n", 1)
    for text in (headers, certificate.replace(b"\n", b"\r\n"), b"text\n" + certificate + b"text"):
        assert fault(text, key) == ""
    assert fault(certificate + pem("CERTIFICATE", b"hello"), key) == ""
    assert fault(key + certificate, pem("EC PARAMETERS", b"x") + certificate + key) == ""
    assert fault(certificate, key.replace(b"PRIVATE KEY", b"EC PRIVATE KEY")) == ""


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("rsa.crt", "short.key", "tls: private key does not match public key"),
        ("rsa.crt", "ec.key", TYPES), ("ec.crt", "rsa.key", TYPES), ("ed.crt", "ec.key", TYPES),
        ("ec.crt", "locked.key", NO_KEY), ("rsa.crt", "locked1.key", NO_KEY),
    ],
)  # fmt: skip
def test_a_key_of_another_certificate_is_refused(
    pairs: dict[str, bytes], certificate: str, key: str, said: str
) -> None:
    """As is one that only its passphrase opens, which nobody is asked for."""
    assert fault(pairs[certificate], pairs[key]) == said


@pytest.mark.parametrize("data", [b"", b"hello", b"\x30\x00", b"\x30\x82\xff\xff\x30", b"\x30"])
def test_what_is_no_certificate_or_key_is_told_apart(pairs: dict[str, bytes], data: bytes) -> None:
    """Each has one sentence, whatever OpenSSL makes of it."""
    assert fault(pem("CERTIFICATE", data), pairs["ec.key"]) == NO_CERTIFICATE
    assert fault(pairs["ec.crt"], pem("PRIVATE KEY", data)) == NO_KEY


def test_a_certificate_ends_where_it_says(pairs: dict[str, bytes]) -> None:
    """What is too much is refused, and so is one that was cut off."""
    text = pairs["ec.crt"].decode()
    data = base64.b64decode("".join(text.splitlines()[1:-1]))
    assert fault(pem("CERTIFICATE", data), pairs["ec.key"]) == ""
    assert fault(pem("CERTIFICATE", data + b"x"), pairs["ec.key"]) == "x509: trailing data"
    assert fault(pem("CERTIFICATE", data[:-9]), pairs["ec.key"]) == NO_CERTIFICATE


def test_a_damaged_block_is_no_block(pairs: dict[str, bytes]) -> None:
    """Of base64 that is wrong, and of one without its last line, it is said that there is none."""
    certificate, key = pairs["ec.crt"], pairs["ec.key"]
    for text in (certificate.replace(b"MII", b"M!I"), certificate.rpartition(b"-----END")[0]):
        said = "tls: failed to find any PEM data in certificate input"
        assert fault(text, key) == said
    assert fault(certificate, key.replace(b"M", b"!")) == (
        "tls: failed to find any PEM data in key input"
    )
