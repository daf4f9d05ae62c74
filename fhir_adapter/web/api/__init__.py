"""One file for each resource that is answered."""
