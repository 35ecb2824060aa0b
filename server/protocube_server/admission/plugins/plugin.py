"""The form of a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from protocube_server.admission.write import Write

POD: Final = "protocube.core.v1.Pod"
NODE: Final = "protocube.core.v1.Node"
CLAIM: Final = "protocube.core.v1.PersistentVolumeClaim"
INGRESS: Final = "protocube.networking.v1.Ingress"


class Plugin:
    """Changes or refuses objects of some kinds; never a part of one, such as its status."""

    name: ClassVar[str]
    """Kubernetes' name."""
    messages: ClassVar[tuple[str, ...]]
    """The kinds."""
    is_on: ClassVar[bool] = True
    """Whether it works unless settings say otherwise."""

    def mutate(self, write: Write) -> bool:
        """Change the new object in place. Raises what refuses it.

        Tell whether what was changed needs its defaults filled in once more.
        """
        del write
        return False

    def validate(self, write: Write) -> None:
        """Raise what refuses the new object, which is valid."""
        del write
