"""What changes or refuses objects between a request and the store, as Kubernetes' plugins do.

Nothing here knows gRPC, or how a caller came to be known. The verbs ask for it, behind
:mod:`protocube_server.calls.admission`; :mod:`order` has all of it in its order.
"""
