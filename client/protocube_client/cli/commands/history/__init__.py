"""``cubectl history``: the versions of objects that the server still has."""
