"""What each method of a typed service does: one file a verb.

Every verb takes the shared :class:`~protocube_server.verbs.api.Api` and the call, which has its
kind, its parsed request and its target, and returns the answer's bytes. They raise the exceptions
of ``protocube.errors`` and know nothing of gRPC. Calls come in by
:mod:`~protocube_server.verbs.entrance`.
"""
