"""
Pages for people, one file each: a view gives one dataclass, and `page.page` makes HTML or its JSON twin of it.

To add one: a module with `ROUTES`, a template in `templates/pages/`, a line in `registry.py`.
"""
