"""Formats taken apart and put together again, without meaning."""
