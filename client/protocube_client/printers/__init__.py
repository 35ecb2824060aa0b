"""How objects are shown: by name, as JSON or YAML, as a table. One printer a file."""
