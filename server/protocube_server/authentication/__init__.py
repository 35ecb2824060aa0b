"""Who calls: by a bearer token, or by a client certificate.

Nothing here knows gRPC, or what a user may do.
"""
