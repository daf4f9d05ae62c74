"""The HTTP service: an application factory, and one file for each resource in `api/`."""
