"""
Results on their way to those who want them.

`loop` serves every subscriber in the order of changes; what is sent at once is a `parcel`, and how parcels are made is
the manner of the subscriber: `resource` (R4 rest-hook), `topic` (R5 Backport), `push` (servers of the operator).
"""
