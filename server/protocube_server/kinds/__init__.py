"""A kind as the server needs it, read from its descriptor.

What a descriptor cannot say is a named function (:mod:`protocube_server.kinds.named`). The
functions of the built-in kinds are in :mod:`protocube_server.builtin` and are handed in: this
package imports none of them.
"""
