"""
FHIR JSON back as FHIR JSON: what mappings/deid_policy.yaml allows for each resource type, and nothing else.

Ids, references, `Bundle.entry.fullUrl` and `request.url` are rewritten together; extensions stay by list, a resource
with a modifier extension that is not on it is left out whole, since it may mean its contrary; narrative is written anew
from what stayed; names and attachments that cannot be cleaned give way to data-absent-reason `masked`; `meta.security`
says what was done (FHIR R4, v3-ObservationValue), and a Bundle gets a Provenance of it.
"""

from fhir_adapter.deid.formats.fhir.resources import marked, scrub

__all__ = ["marked", "scrub"]
