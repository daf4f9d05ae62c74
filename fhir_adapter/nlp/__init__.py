"""SafeReport to Reading: what the text says."""
