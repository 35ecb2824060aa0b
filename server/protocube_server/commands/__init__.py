"""The commands of ``cube-apiserver`` beside serving."""
