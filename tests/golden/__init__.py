"""The shipped samples and what they become."""
