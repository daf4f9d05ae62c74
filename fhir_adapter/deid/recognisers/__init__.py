"""One file for each kind of identifying word; each yields `Hit`s over a text."""
