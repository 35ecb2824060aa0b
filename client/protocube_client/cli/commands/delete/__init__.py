"""``cubectl delete``: which objects go, how, and the wait until they are gone."""
