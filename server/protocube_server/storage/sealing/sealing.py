"""What is sealed in a store: which keys are for which kinds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from protocube_server.storage.sealing.keys import Plain
from protocube_server.storage.sealing.kms import Kms
from protocube_server.storage.sealing.sealer import Sealer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from protocube_server.storage.sealing.keys import Key


class Sealing:
    """The keys of all kinds, by the rules of a configuration."""

    def __init__(self, rules: Mapping[str, Sequence[Key]]) -> None:
        """``rules`` has the keys of resources: ``secrets``, ``deployments.apps``, or those for all.

        ``*.GROUP`` stands for all of a group, ``*.`` of the core group, ``*.*`` of all groups.
        """
        self.epoch = 0
        """Grows whenever other rules are taken."""
        self._replaced = asyncio.Event()
        self._retired: list[Kms] = []
        """Plugins that calls may still ask: they are let go of at the end."""
        self._take(rules)

    def _take(self, rules: Mapping[str, Sequence[Key]]) -> None:
        self.rules = rules
        """The keys of resources."""
        self._rules = {name: Sealer(keys) for name, keys in rules.items()}
        self.keys: list[Key] = []
        """All of them, each once, in their order."""
        for keys in rules.values():
            self.keys += [key for key in keys if key not in self.keys]
        writing = [keys[0] for keys in rules.values()]
        first = next((key for key in writing if not isinstance(key, Plain)), Plain())
        self.records = Sealer([first, *(key for key in self.keys if key is not first), Plain()])
        """Seals what the server keeps of objects beside them, with the first key that seals any;
        what was kept before there were keys is read."""

    def replace(self, rules: Mapping[str, Sequence[Key]]) -> None:
        """Go by other rules from now on: what is asked for next is sealed and opened by them."""
        kept = {id(key) for keys in rules.values() for key in keys}
        self._retired += [each for each in self._plugins() if id(each) not in kept]
        self._take(rules)
        self.epoch += 1
        replaced, self._replaced = self._replaced, asyncio.Event()
        replaced.set()

    async def until_replaced(self) -> None:
        """Wait until there are other rules than now."""
        await self._replaced.wait()

    def _plugins(self) -> list[Kms]:
        return [key for key in self.keys if isinstance(key, Kms)]

    def of(self, resource: str) -> Sealer | None:
        """Return what seals the objects of a resource; ``None`` when they are not sealed."""
        plural, _, group = resource.partition(".")
        del plural
        for name in (resource, f"*.{group}", "*.*"):
            if name in self._rules:
                return self._rules[name]
        return None

    async def close(self) -> None:
        """Let go of connections to plugins."""
        await asyncio.gather(*(key.close() for key in (*self._plugins(), *self._retired)))
