"""
What can go wrong, under stable codes.

An `Issue` is a code, a severity and a place. It has no field for a value, so it cannot leak one. The catalogue below
gives each code its rule, its mend and its twin in HL7 table 0357 and in FHIR's issue-type value set; the same Issue
renders as an ERR segment, an OperationOutcome, a line of the command line and a row of a table.

Ranges: HL7-1xx messages, FHIR-2xx resources, DCM-3xx DICOM, NLP-4xx reading, OUT-5xx output and de-identification,
NET-6xx transport, DOC-7xx documents inside messages, TXT-8xx reports as plain words, API-9xx jobs of the Radiology
Insights API, EVAL-8xx annotated reports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """FHIR issue-severity; ERROR stops the report, WARNING and INFORMATION travel with the result."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """What one code means: the rule in one sentence, how to mend it, HL7 table 0357 code, FHIR issue type."""

    code: str
    severity: Severity
    rule: str
    mend: str
    hl7: str = "207"
    fhir: str = "processing"


def _entries() -> Mapping[str, CatalogueEntry]:
    fatal, error, warning, info = Severity.FATAL, Severity.ERROR, Severity.WARNING, Severity.INFORMATION
    rows = (
        # code, severity, rule, mend, HL7 0357, FHIR issue-type
        ("HL7-100", error, "The input is empty.", "Send one message.", "100", "required"),
        ("HL7-101", error, "A message begins with an MSH segment.",
         "Send MSH first, then the other segments, each ended by a carriage return.", "100", "structure"),
        ("HL7-102", error, "MSH-1 and MSH-2 name at least two different delimiters.",
         "Send MSH|^~\\& or other delimiters, each used once.", "102", "structure"),
        ("HL7-103", error, "The message type is one that carries reports (ORU^R01, MDM^T02).",
         "Route only ORU^R01 and MDM^T02 here.", "200", "not-supported"),
        ("HL7-104", error, "The trigger event is one that carries reports (R01, T02).",
         "Route only ORU^R01 and MDM^T02 here.", "201", "not-supported"),
        ("HL7-105", error, "The version in MSH-12 is one of 2.1 to 2.8.2.", "Set MSH-12 to the version in use.",
         "203", "not-supported"),
        ("HL7-106", error, "The message has a PID segment.", "Send the patient's PID before the order group.", "100",
         "required"),
        ("HL7-107", error, "The message has an OBR segment (ORU) or TXA segment (MDM).",
         "Send the OBR or TXA of the report.", "100", "required"),
        ("HL7-108", error, "A report has text, in OBX-5 or in an NTE after OBR or OBX.",
         "Send the text as TX, FT, ST or ED in OBX-5.", "101", "required"),
        ("HL7-109", error, "The bytes are text in the character set that MSH-18 names.",
         "Set MSH-18 to the character set in use, or send UTF-8.", "102", "value"),
        ("HL7-110", warning, "MSH-18 is empty, so the text is ASCII; it was read as UTF-8.",
         "Set MSH-18 to UNICODE UTF-8.", "102", "value"),
        ("HL7-111", warning, "MSH-18 names a known character set (table 0211).",
         "Set MSH-18 to a code of table 0211.", "103", "code-invalid"),
        ("HL7-112", warning, "An escape sequence is one of chapter 2.7; this one was kept as it stands.",
         "Send \\F\\ \\S\\ \\T\\ \\R\\ \\E\\ \\Xdd\\ or a formatting command.", "102", "value"),
        ("HL7-113", warning, "OBR-25 says the status of the result.",
         "Fill OBR-25 from table 0123.", "101", "required"),
        ("HL7-114", warning, "The status is a code of table 0123 or 0085, or a word the status table knows.",
         "Add the word to hl7/tables/result_status.csv or send a code.", "103", "code-invalid"),
        ("HL7-115", warning, "A date or time has the form YYYY[MM[DD[HHMM[SS[.S]]]]][+ZZZZ].",
         "Send the date in HL7 form.", "102", "value"),
        ("HL7-116", warning, "PID-3 names the patient.", "Send at least one identifier in PID-3.", "101", "required"),
        ("HL7-117", error, "An encapsulated document (ED) is base64 of its type.",
         "Send ED.4 as Base64 and the document in ED.5.", "102", "value"),
        ("HL7-118", error, "A message is smaller than the limit `max_message_bytes`.",
         "Send documents by reference, or raise the limit.", "104", "too-long"),
        ("HL7-119", error, "The input is ER7 (pipes and hats), FHIR JSON or plain text, not something else.",
         "Send ER7; the XML encoding of HL7 v2 is not read.", "200", "not-supported"),
        ("HL7-120", error, "A message holds no null bytes or other control characters.",
         "Send text only; escape what is not text as \\Xdd\\.", "102", "value"),
        ("HL7-121", error, "The result is a radiology report.",
         "Route laboratory and other results elsewhere (OBR-24, OBX-2).", "200", "not-supported"),
        ("HL7-122", error, "An acknowledgement is not answered.", "Do not route ACK messages here.", "200",
         "not-supported"),
        ("HL7-123", error, "The number of segments is under the limit.",
         "Send one report a message.", "104", "too-long"),
        ("HL7-124", warning, "The date in this place is one that exists.", "Send a real date.", "102", "value"),
        ("HL7-125", error, "A batch has as many messages as its trailer says.", "Send the batch whole.", "100",
         "incomplete"),
        ("HL7-130", warning, "The message conforms to the structure of its version.",
         "Compare the segment with the standard of the version in MSH-12.", "100", "structure"),
        ("HL7-131", warning, "A required field has a value.", "Fill the field.", "101", "required"),
        ("HL7-132", warning, "A field conforms to its data type.", "Send the field in its data type.", "102", "value"),
        ("HL7-133", warning, "A field is no longer than the standard allows.", "Shorten the field.", "104", "too-long"),
        ("HL7-134", warning, "A field or segment repeats no more often than allowed.", "Send it once.", "198",
         "structure"),
        ("HL7-135", warning, "A coded field holds a code of its table.", "Send a code of the table.", "103",
         "code-invalid"),
        ("HL7-136", warning, "The profile asks for more than the standard.", "Meet the rule of the profile.", "199",
         "business-rule"),
        ("FHIR-200", error, "The input is JSON.", "Send FHIR R4 as JSON.", "200", "structure"),
        ("FHIR-201", error, "A FHIR resource is an object with a resourceType.", "Send a Bundle or a DiagnosticReport.",
         "200", "structure"),
        ("FHIR-202", error, "The input is a Bundle or a DiagnosticReport.", "Send the DiagnosticReport itself, or a "
         "Bundle that holds it.", "200", "not-supported"),
        ("FHIR-203", error, "The Bundle holds a DiagnosticReport.", "Put the DiagnosticReport into the Bundle.", "101",
         "required"),
        ("FHIR-204", error, "A report has text: presentedForm, text, conclusion or results with words.",
         "Send the text in presentedForm.", "101", "required"),
        ("FHIR-205", error, "The resource is FHIR R4 or R4B, not R5.", "Send R4 (fhirVersion=4.0).", "203",
         "not-supported"),
        ("FHIR-206", error, "The resource is FHIR R4 or R4B, not STU3.", "Send R4 (fhirVersion=4.0).", "203",
         "not-supported"),
        ("FHIR-207", error, "The resource is FHIR R4 or R4B, not DSTU2.", "Send R4 (fhirVersion=4.0).", "203",
         "not-supported"),
        ("FHIR-208", error, "The resource has the elements and types of FHIR R4.",
         "Correct the element at the place named.", "102", "structure"),
        ("FHIR-209", warning, "A reference leads to a resource in the Bundle or contained.",
         "Put the resource into the Bundle.", "204", "not-found"),
        ("FHIR-210", error, "JSON is nested less deep than the limit.", "Send a flatter document.", "104", "too-long"),
        ("FHIR-211", error, "The body is smaller than the limit `max_message_bytes`.", "Send less at once.", "104",
         "too-long"),
        ("FHIR-212", warning, "A dateTime has the form of FHIR R4 and, with a time, an offset.",
         "Send YYYY-MM-DDThh:mm:ss+zz:zz.", "102", "value"),
        ("FHIR-213", warning, "An attachment is base64 of its contentType.", "Send plain text, HTML, RTF or PDF.",
         "102", "value"),
        ("FHIR-214", error, "The XML format of FHIR is not read.", "Send application/fhir+json.", "200",
         "not-supported"),
        ("FHIR-215", error, "The report is a radiology report.", "Route other reports elsewhere (category, code).",
         "200", "not-supported"),
        ("FHIR-216", warning, "DiagnosticReport.status is a code of diagnostic-report-status.", "Send a code of the "
         "value set.", "103", "code-invalid"),
        ("FHIR-220", error, "Subscription.criteria is a search of a type that is served, by parameters that it has.",
         "See /fhir/metadata for types and search parameters.", "102", "value"),
        ("FHIR-221", error, "A subscriber's endpoint lies under an address that the operator allows.",
         "Ask the operator to add it to `subscription_endpoints`.", "207", "forbidden"),
        ("FHIR-222", error, "A subscription has a channel of type rest-hook, with payload FHIR JSON or none.",
         "Send channel.type rest-hook; other channels are not served.", "102", "not-supported"),
        ("FHIR-223", error, "A subscription's topic, and the type of each of its filters, is one that is served.",
         "See the topics at Subscription in /fhir/metadata.", "102", "not-supported"),
        ("FHIR-224", error, "The parameters of $events are numbers of events and a level of content.",
         "Send eventsSinceNumber and eventsUntilNumber as digits, content as empty, id-only or full-resource.", "102",
         "value"),
        ("DOC-700", error, "A document unpacks to less than the limit `max_document_bytes`.", "Send the text itself.",
         "104", "too-long"),
        ("DOC-701", error, "A document can be read: plain text, HTML, RTF or PDF with a text layer.",
         "Send the text, not a picture of it.", "102", "not-supported"),
        ("TXT-800", error, "A report as plain words has a `text`.", "Send the words of the report in `text`.", "101",
         "required"),
        ("TXT-801", error, "A report as plain words has only the fields that it may have.",
         "Send only the fields that /openapi.json lists.", "102", "structure"),
        ("TXT-802", error, "A field of a report as plain words has the type and form that /openapi.json gives it.",
         "Correct the field.", "102", "value"),
        ("TXT-803", error, "The text is shorter than the limit `max_text_characters`.", "Send the report alone.",
         "104", "too-long"),
        ("DCM-300", error, "The input is a DICOM file (PS3.10).", "Send the file whole, with its preamble.", "200",
         "structure"),
        ("DCM-301", error, "No names are burned into the picture; captures and ultrasound say so in (0028,0301).",
         "Mask the picture, or set (0028,0301) to NO once someone has looked.",
         "207", "security"),
        ("DCM-302", error, "A DICOM report is a structured report with text.", "Send the SR object of the study.",
         "200", "not-supported"),
        ("DCM-303", error, "A file is smaller than the limit `max_message_bytes`.", "Raise the limit.", "104",
         "too-long"),
        ("NLP-400", error, "The engine reads every report.", "Report this with the version; it is our fault.", "207",
         "exception"),
        ("NLP-401", warning, "A report has sections that the section table knows.", "Add the heading to "
         "mappings/nlp/sections.json.", "0", "informational"),
        ("NLP-402", info, "A follow-up interval names a time.", "Nothing to do; the report leaves it open.", "0",
         "informational"),
        ("NLP-403", warning, "The text is shorter than the limit of the engine; the rest was not read.",
         "Raise `max_text_characters`.", "104", "too-long"),
        ("NLP-404", warning, "The text is English; other languages are not read.", "Send English text.", "0",
         "not-supported"),
        ("NLP-405", warning, "A score has a value that its system has (mappings/nlp/scores.yaml).",
         "Correct the value in the report.", "103", "code-invalid"),
        ("OUT-500", error, "Every insight becomes a valid resource.", "Report this with the version; it is our fault.",
         "207", "exception"),
        ("OUT-510", warning, "A code has a row in the mapping table.", "Add the row; the words were kept.", "103",
         "code-invalid"),
        ("OUT-520", fatal, "No identifier of the message is left after de-identification.",
         "The message was stopped. Report this with the version; it is our fault.", "207", "security"),
        ("OUT-521", error, "The report's text could be de-identified.",
         "Report this with the version; it is our fault.",
         "207", "exception"),
        ("OUT-522", warning, "The patient is known by an identifier; without one, dates are shifted by the message's "
         "own offset.", "Send PID-3 or Patient.identifier.", "101", "incomplete"),
        ("OUT-523", warning, "A document in a message that is scrubbed can be read as words.",
         "It was left out; send the report as text, or remove the document.", "207", "incomplete"),
        ("NET-600", error, "The media type is one that the address takes.",
         "See /docs for the media types of each address.", "200", "not-supported"),
        ("NET-601", error, "The address exists.", "See /docs for the addresses.", "204", "not-found"),
        ("NET-602", error, "The method is one that the address takes.", "See /docs for the methods.", "200",
         "not-supported"),
        ("NET-603", error, "The request is smaller than the limit.", "Send less at once, or raise the limit.", "104",
         "too-long"),
        ("NET-604", fatal, "The service answers every request.", "Report this with the version; it is our fault.",
         "207", "exception"),
        ("NET-605", error, "A file can be read.", "Name a file that exists and may be read.", "207", "not-found"),
        ("NET-606", error, "A request brings a key that the service knows.",
         "Send Authorization: Bearer <key>.", "207", "login"),
        ("NET-607", error, "There is a resource or a version of this name.", "Search for it.", "204", "not-found"),
        ("NET-608", error, "A request has the parameters and headers that its address takes.",
         "See /fhir/metadata for the search parameters.", "102", "value"),
        ("API-900", error, "The body is a JSON object with `jobData`.",
         "Send JSON as /docs shows it.", "200", "structure"),
        ("API-901", error, "An element that is required has a value.", "Fill the element.", "101", "required"),
        ("API-902", error, "An element has the JSON type and form of the contract.", "Send it in that form.", "102",
         "value"),
        ("API-903", error, "An element holds one of the values that the contract lists.", "Send a listed value.",
         "103", "code-invalid"),
        ("API-904", error, "A job holds exactly one patient with exactly one document, and at most one encounter.",
         "Send a job for each report.", "198", "structure"),
        ("API-905", error, "A document is a note, inline and in English.",
         "Send type note, sourceType inline and language en.", "200", "not-supported"),
        ("API-906", error, "The query names an api-version that is spoken here.",
         "Send api-version=2024-10-01.", "203", "not-supported"),
        ("API-907", error, "A job id has 3 to 36 letters, digits, - and _, and begins and ends with a letter or digit.",
         "Send another id.", "102", "value"),
        ("API-908", error, "A job is known for 24 hours, to the key that made it.", "Make the job anew.", "204",
         "not-found"),
        ("API-909", error, "A job id names one request.", "Send other content under another id.", "205", "conflict"),
        ("API-910", error, "A job is answered; it is not given back de-identified.", "Scrub the document's text.",
         "200", "not-supported"),
        ("API-911", error, "A document is no longer than `max_text_characters`.", "Send a job for each report.", "102",
         "too-long"),
        ("NET-609", error, "A notification comes from a FHIR server that the settings name as a source.",
         "Ask the operator to add the server to `fhir_servers`, with `source`.", "204", "not-found"),
        ("NET-609", error, "Without keys, a request names this machine as its host and comes from no foreign page.",
         "Call http://localhost or http://127.0.0.1, or set api_keys.", "207", "forbidden"),
        ("NET-620", error, "The store can keep a message.",
         "Nothing was kept; send it again. The disk is full or the database does not answer.", "207", "no-store"),
        ("NET-621", error, "A control id (MSH-10) names one message of a sender.",
         "Give each message its own MSH-10; to repeat a message, send the same bytes.", "205", "duplicate"),
        ("NET-622", warning, "A message has a control id, by which a repetition is known.", "Fill MSH-10.", "101",
         "required"),
        ("NET-623", error, "A report is processed within the limit `process_seconds`.",
         "Retry when the machine has time, or raise the limit.", "207", "timeout"),
        ("NET-624", error, "The process that reads reports survives every report.",
         "Report this with the version; it is our fault. The message was set aside.", "207", "exception"),
        ("NET-625", info, "The newest version of a report is shown; an older one that came late is kept beside it.",
         "Nothing to do.", "0", "informational"),
        ("NET-626", error, "A message is kept for as long as the settings say.",
         "Its content is gone; send it again.", "207", "deleted"),
        ("NET-630", error, "A receiver takes what it is sent.", "See the receiver's reason; sending the same again is "
         "useless.", "207", "processing"),
        ("NET-631", error, "A receiver can be reached.", "Nothing to do if it comes back; else check address and "
         "firewall.", "207", "transient"),
        ("NET-632", error, "A receiver answers what it was sent.", "It may have the message; sending it again is safe.",
         "207", "timeout"),
        ("EVAL-800", error, "There is at least one annotated report.",
         "Name a file or folder with .jsonl or .json files in the format of docs/reference/gold-format.md.", "207",
         "required"),
        ("EVAL-801", error, "A gold file is UTF-8 and JSON: an object in each line, or one array of them.",
         "Mend the place; a line break inside a text is written as \\n.", "207", "structure"),
        ("EVAL-802", error, "A record keeps to its schema (mappings/evaluation).",
         "Write what the place asks for; docs/reference/gold-format.md tells the format.", "207", "structure"),
        ("EVAL-803", error, "An annotation's words stand in the text at its offsets.",
         "Count code points from 0 in the text as JSON gives it; an end is exclusive.", "207", "value"),
        ("EVAL-804", error, "An id names one report.", "Give each report an id of its own.", "207", "duplicate"),
        ("EVAL-805", error, "Reports annotated for de-identification (`phi`) are evaluated with --deid, all others "
         "(`gold`) without.", "Evaluate the two kinds in runs of their own.", "207", "business-rule"),
        ("EVAL-806", error, "Nobody is examined before birth.", "Mend birthDate or serviceDate.", "207", "value"),
        ("EVAL-807", error, "A run to compare with is the answer of `evaluate --format json` about the same reports.",
         "Run the other version with --format json on the same files and keep its answer.", "207", "value"),
    )
    entries = (CatalogueEntry(code=c, severity=s, rule=r, mend=m, hl7=h, fhir=f) for c, s, r, m, h, f in rows)
    return MappingProxyType({entry.code: entry for entry in entries})


CATALOGUE: Mapping[str, CatalogueEntry] = _entries()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something wrong at a place: `where` is `PID-3`, `OBX[4]-5.2` or `Bundle.entry[0].resource.status`; never content.

    An unknown code is a ValueError.
    """

    code: str
    where: str = ""
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise ValueError("an issue's code stands in the catalogue")

    @classmethod
    def at(cls, code: str, where: str = "") -> "Issue":
        """The issue with the severity that the catalogue gives its code."""
        return cls(code=code, where=where, severity=CATALOGUE[code].severity)

    @property
    def rule(self) -> str:
        """What should hold, in one sentence."""
        return CATALOGUE[self.code].rule

    @property
    def mend(self) -> str:
        """What to do, in one sentence."""
        return CATALOGUE[self.code].mend

    def __str__(self) -> str:
        place = f" {self.where}:" if self.where else ""
        return f"{self.code}{place} {self.rule} {self.mend}"
