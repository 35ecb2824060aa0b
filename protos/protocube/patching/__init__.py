"""Patches on Kubernetes' JSON form of an object, as Python data.

Each kind of patch has a module: :mod:`json_patch` (RFC 6902), :mod:`merge_patch` (RFC 7386) and
:mod:`strategic`. Each of them has ``read``, which makes a patch of its text, and ``steps``, which
applies it in steps (:mod:`protocube.steps`); ``apply`` takes all steps at once.

Whoever writes a patch finds in :mod:`differences` the strategic merge patch between two objects,
and in :mod:`three_way` the one of a configuration that is applied again.

Nothing here changes its arguments. What is returned shares with them what the patch left as it
was, so it must not be changed in place either.
"""
