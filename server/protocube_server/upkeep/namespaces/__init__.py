"""The end of namespaces: emptied, told of in their status, and removed."""
