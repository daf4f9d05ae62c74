"""`POST /hl7v2`: every message gets its acknowledgement."""

import pytest

from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load
from fhir_adapter.web.app import create_app
from fhir_adapter.wire.er7 import parse
from tests.golden.twins import SAMPLES
from tests.readers.test_bad_input import BAD, WHOLE

HL7 = "application/hl7-v2"
MESSAGE = (SAMPLES / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()


def post(client, payload: bytes, media: str = HL7):
    """The status and, where it is one, the acknowledgement."""
    answer = client.post("/hl7v2", data=payload, content_type=media)
    return answer.status_code, parse(answer.data.decode()) if answer.data.startswith(b"MSH") else answer.get_json()


@pytest.mark.parametrize("media", [HL7, "x-application/hl7-v2+er7", "text/plain; charset=utf-8"])
def test_a_report_is_accepted(client, media):
    """A good report is accepted (CA, as its MSH-15 asks) by its control id, with sender and receiver exchanged."""
    status, answer = post(client, MESSAGE, media)
    msa = answer.first("MSA")
    assert (status, msa.value(1), msa.value(2)) == (200, "CA", "QX0001")
    assert (answer.header.value(3), answer.header.value(5), answer.header.value(9, 1)) == ("ADAPTER", "RIS", "ACK")


def test_a_repeated_message_gets_the_same_answer(client):
    """The same bytes again get the stored acknowledgement, not a new one."""
    first, second = (client.post("/hl7v2", data=MESSAGE, content_type=HL7).data for _ in range(2))
    assert first == second


HL7_BAD = {name: bad for name, bad in BAD.items() if bad[1].startswith(("HL7", "DOC")) and bad[0].startswith(b"MSH")
           and name not in ("acknowledgement", "truncated header")}


@pytest.mark.parametrize("name", HL7_BAD)
def test_a_bad_message_is_answered_with_its_error(client, name):
    """AE or AR, an ERR with our code, a 4xx status, and nothing of the content."""
    payload, code = HL7_BAD[name]
    status, answer = post(client, payload.replace(b"|Q1|", f"|W{name}|".encode()))
    assert (status in (400, 413, 415, 422), answer.first("MSA").value(1) in ("AE", "AR")) == (True, True)
    assert code in [err.value(5) or err.value(1, 4) for err in answer.all("ERR")]
    assert b"ZZYZX" not in answer.encode()


def test_original_mode_is_answered_aa(client):
    """Without MSH-15 and MSH-16 the answer is AA."""
    status, answer = post(client, WHOLE)
    assert (status, answer.first("MSA").value(1)) == (200, "AA")


@pytest.mark.parametrize("name", ["truncated header", "empty", "binary", "XML of HL7", "no MSH"])
def test_what_is_no_message_gets_an_outcome(client, name):
    """Where there is no MSH to answer to, the answer is an OperationOutcome with the code."""
    payload, code = BAD[name]
    status, answer = post(client, payload)
    coded = answer if isinstance(answer, dict) else None
    assert (status in (400, 415, 422), coded is None or code in str(coded)) == (True, True)


def test_an_acknowledgement_is_not_acknowledged(client):
    """An ACK gets no ACK."""
    status, answer = post(client, WHOLE.replace(b"ORU^R01", b"ACK"))
    assert (status, answer["resourceType"]) == (422, "OperationOutcome")


def test_other_media_types_are_refused(client):
    """415 for a media type that the address does not take."""
    assert post(client, MESSAGE, "application/xml")[0] == 415


def test_a_body_over_the_limit_is_refused(tmp_path):
    """413 for a body larger than `max_message_bytes`."""
    small = adapter(load(data_dir=tmp_path, key="5a" * 32, max_message_bytes=1000))
    assert post(create_app(small).test_client(), MESSAGE)[0] == 413
