"""
The segments around a batch (HL7 v2 2.10.3: FHS BHS … BTS FTS), scrubbed like those of a message.

They are nobody's: their dates keep the year alone, whoever the patients inside are. FHS-8 and BHS-8 say the mode.
"""

import re
from collections.abc import Sequence

from fhir_adapter.deid.disguise import Disguise, disguises
from fhir_adapter.deid.formats import er7
from fhir_adapter.deid.identity import identity_of
from fhir_adapter.model.report import Origin, Report
from fhir_adapter.model.safe import Mode
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.wire.delimiters import Delimiters
from fhir_adapter.wire.er7 import Segment

_SECURITY = 8


def scrub_envelope(line: bytes, *, reports: Sequence[Report], settings: Settings, tables: Tables) -> bytes:
    """One segment of an envelope without people; those whom `reports` name are known."""
    text = line.decode("utf-8", errors="replace").strip("\r\n")
    named = reports or (Report(text="", origin=Origin(format="hl7v2")),)
    with identity_of(settings) as identity:
        disguise = disguises(named, identity, settings, tables.deid)[0]
        return (_scrubbed(text, disguise) + "\r").encode()


def _scrubbed(text: str, disguise: Disguise) -> str:
    name, separator = text[:3], text[3:4] or "|"
    header = name in ("FHS", "BHS")
    fields = text.split(separator)
    if header:
        fields.insert(1, separator)
    segment = Segment(fields=tuple(fields), delimiters=Delimiters.of(text) if header else Delimiters(field=separator))
    if disguise.identity.mode is not Mode.TRUSTED:
        segment = er7.segment(segment, disguise.yearly())
    if header:
        segment = segment.with_field(_SECURITY, disguise.label)
        return name + separator + separator.join(segment.fields[2:])
    count = fields[1] if len(fields) > 1 and re.fullmatch(r"\d{1,6}", fields[1]) else ""
    return segment.with_field(1, count).encode()
