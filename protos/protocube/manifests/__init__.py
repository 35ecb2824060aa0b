"""The codec between Kubernetes' JSON and messages, for both ends of the wire.

One way in (:mod:`decode`: data to a message, with a report of what has no place in it) and
one way out (:mod:`encode`: a message to data; :mod:`json_text`: data to text).
"""
