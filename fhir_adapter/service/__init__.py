"""What the entrances share."""
