"""``cubectl certificate``: whether a certificate that is asked for may be given out."""
