"""What descriptors cannot say of the built-in kinds: named functions, a module or folder a family.

An option of the contract names a function: a default or a rule that depends on other fields,
what an update may change or gets of the old object, a conversion between versions.
:data:`~protocube_server.builtin.functions.FUNCTIONS` gathers them for the kinds, which know
none of this package.
"""
