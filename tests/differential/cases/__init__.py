"""Every case, in groups."""

from tests.differential.cases import (
    configs,
    deletes,
    errors,
    flags,
    generators,
    gets,
    inputs,
    namespaces,
    scalars,
    selecting,
    streams,
)

CASES = (
    *scalars.CASES,
    *streams.CASES,
    *inputs.CASES,
    *namespaces.CASES,
    *selecting.CASES,
    *flags.CASES,
    *gets.CASES,
    *deletes.CASES,
    *errors.CASES,
    *generators.CASES,
    *configs.CASES,
)
