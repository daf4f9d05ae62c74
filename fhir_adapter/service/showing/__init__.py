"""
What a person sees of a message: its fields or its tree, the report with the words that prove something, the insights
and their resources, each named so that pointing at one can light up the others.

All of it is made from the resources that a FHIR client gets and from the message itself.
"""
