"""The pages of ConfigMaps, Secrets and ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocube.tables.kinds import missing

if TYPE_CHECKING:
    from protocube_client.cli.commands.describe.around import Around
    from protocube_client.cli.describing.page import Page

_TYPE_OF_TOKENS = "kubernetes.io/service-account-token"
_ACCOUNT = "kubernetes.io/service-account."


async def config_map(page: Page, item: Any, _around: Around) -> None:
    """Write the entries."""
    page.head(item.metadata)
    page.write("\nData\n====\n")
    for key in sorted(item.data):
        page.write(f"{key}:\n----\n{item.data[key]}\n\n")
    page.write("\nBinaryData\n====\n")
    for key in sorted(item.binary_data):
        page.line(f"{key}: {len(item.binary_data[key])} bytes")
    page.write("\n")


async def secret(page: Page, item: Any, _around: Around) -> None:
    """Write how long the entries are; a token is shown."""
    page.head(item.metadata)
    page.write(f"\nType:\t{item.type}\n\nData\n====\n")
    for key in sorted(item.data):
        value = item.data[key]
        if key == "token" and item.type == _TYPE_OF_TOKENS:
            page.field(key, value.decode(errors="replace"))
        else:
            page.field(key, f"{len(value)} bytes")


async def service_account(page: Page, item: Any, around: Around) -> None:
    """Write the names of its secrets, and which of them are not there."""
    metadata = item.metadata
    secrets = await around.all_of("secrets", metadata.namespace)
    there = {secret.metadata.name for secret in secrets}
    tokens = [secret.metadata.name for secret in secrets if _is_token_of(secret, metadata)]
    page.head(metadata)
    for title, names in (
        ("Image pull secrets:", [secret.name for secret in item.image_pull_secrets]),
        ("Mountable secrets: ", [secret.name for secret in item.secrets]),
        ("Tokens:            ", tokens),
    ):
        head = title
        for name in names or [missing.NONE]:
            lost = "" if name in there or name == missing.NONE else " (not found)"
            page.row((head, f"{name}{lost}"))
            head = " " * len(title)


def _is_token_of(secret: Any, account: Any) -> bool:
    annotations = secret.metadata.annotations
    return bool(
        secret.type == _TYPE_OF_TOKENS
        and annotations.get(f"{_ACCOUNT}name") == account.name
        and annotations.get(f"{_ACCOUNT}uid") == account.uid
    )
