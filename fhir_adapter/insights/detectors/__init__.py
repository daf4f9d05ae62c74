"""One file for each kind of insight; each is a generator over a `Reading` and sees no other's output."""
