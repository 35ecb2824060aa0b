"""Who owns which fields of an object: server-side apply, on JSON data.

Data are Python dicts as ``protocube.manifests.encode.data`` returns them; :mod:`schemas` says how
managers share them. :mod:`managers` has the two ways in, ``update`` and ``apply``; the other
modules are their parts. Nothing here reads a clock, a store or a message, and nothing changes its
arguments. What can be long is a generator that yields where others may have their turn
(:data:`protocube.steps.Steps`).
"""
