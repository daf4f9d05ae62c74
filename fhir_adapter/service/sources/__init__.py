"""
Reports that come from FHIR servers: `notified` understands what a server tells, `fetch` gets the reports themselves.

A notification is only a hint. What it names is put down in the store and answered; the report is then fetched with what
it refers to, in its newest version, and taken in like any other message. What was never notified is found by asking.
"""
