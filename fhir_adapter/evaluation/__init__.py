"""
How well the engine does on reports that people annotated: read them, read them again by engine, match, count, tell.

    gold ──► Annotated ─ scoring ─► Scored ─ results ─► Evaluation ─► text, JSON, HTML, JUnit
                 └─ engine: Outcome ─┘            └─ comparison with an earlier run or another engine

All but `run` is pure: no engine, no file, no clock, no chance without its seed.
"""
