"""Review: the creation of an object that is a question, and is answered in its status.

Nothing is stored. As in Kubernetes no admission is asked: it could take away the means by which
its own mistakes are found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocube import errors
from protocube_server import turns
from protocube_server.verbs import requests

if TYPE_CHECKING:
    from protocube_server.calls.call import Call
    from protocube_server.verbs.api import Api


async def review(api: Api, call: Call) -> bytes:
    """Answer a CreateXRequest with its object, whose status has the answer.

    A dry run is answered, too. Raises ``errors.BadRequest``, ``errors.Invalid``, and what the
    answering raises.
    """
    kind = call.kind
    message = await requests.check_object(call)
    message.ClearField("status")
    await turns.taken(kind.defaults.filling(message))
    await kind.validation.check_in_turns(message)
    answer = api.reviews.get(kind.review)
    if answer is None:
        raise errors.NotFound("the server could not find the requested resource")
    await answer(call, message)
    body: bytes = message.SerializeToString(deterministic=True)
    return body
