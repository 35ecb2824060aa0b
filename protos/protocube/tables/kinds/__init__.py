"""What the cells of each family of kinds say, as kubectl's server prints them.

A cell is a function of an object and the present time (seconds since 1970). It reads messages
by field name, so that a message of any pool will do.
"""
