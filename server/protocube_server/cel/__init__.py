"""CEL, Google's expression language, as Kubernetes has it: in policies, rules of kinds, tokens.

:mod:`engine` compiles and evaluates, and is the one module that knows the library. :mod:`shadows`
gives messages the field names that expressions use. :mod:`functions` are Kubernetes' own.
"""
