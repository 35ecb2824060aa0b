"""``cubectl certificate approve``."""

from __future__ import annotations

from protocube_client.cli.commands.certificate import deciding
from protocube_client.cli.commands.certificate.verdict import Verdict

COMMAND = deciding.command(
    "approve",
    Verdict(
        condition="Approved",
        contrary="Denied",
        reason="KubectlApprove",
        message="This CSR was approved by cubectl certificate approve.",
    ),
    help=(
        "Approve CertificateSigningRequests: their signer may give the certificates out. "
        "Who has such a certificate can do what the server allows its subject to do, so look at "
        "what is asked for first."
    ),
    examples="""
# Approve a CertificateSigningRequest
cubectl certificate approve ada

# Approve those in a file
cubectl certificate approve -f requests.yaml
""",
)
