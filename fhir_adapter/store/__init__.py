"""
Where messages and results rest: SQLite in the data directory, or PostgreSQL.

The only room that speaks SQL, with `service` beside it for the queue of more than one machine. Whatever goes wrong with
the database is a StoreError with a code, never an exception of the driver.
"""
