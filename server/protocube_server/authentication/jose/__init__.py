"""JSON web tokens and keys. This is the one package that knows joserfc."""
