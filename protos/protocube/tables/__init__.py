"""The tables of ``get``: columns, the cells that are computed, ages and durations."""
