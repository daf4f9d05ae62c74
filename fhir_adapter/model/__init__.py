"""The nouns: frozen dataclasses that need nothing but the standard library."""
