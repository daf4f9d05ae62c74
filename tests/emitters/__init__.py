"""What the insights become outside."""
