"""
Invented traffic for `serve --demo`: several hundred reports over half a year, through the same pipeline as all others.

`people` are nobody, `dictation` is what is said about them, `traffic` when it is sent, `seed` puts it into a store.
"""
