"""What each method of a typed service does: one file a verb.

Every verb takes the shared :class:`~protocube_server.verbs.api.Api`, the kind, the
request's bytes and the call, and gives the answer's bytes. They raise the exceptions
of ``protocube.errors`` and know nothing of gRPC.
"""
