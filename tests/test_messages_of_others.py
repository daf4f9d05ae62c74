"""Messages that none of us wrote are read, or refused for a reason that their sender can mend."""

from fhir_adapter.errors import EngineError, MessageError
from fhir_adapter.service.adapter import adapter
from fhir_adapter.settings import load


def test_no_message_of_others_ends_as_our_fault(shared_data, tmp_path):
    """Every message of the reference data becomes a bundle or a refusal; none is stopped by a fault of ours."""
    loaded = adapter(load(data_dir=tmp_path, key="5a" * 32))
    faults, read = [], 0
    for file in sorted((shared_data / "hl7v2").glob("*.hl7")):
        try:
            read += len(loaded.convert(file.read_bytes()))
        except MessageError:
            continue
        except EngineError as error:
            faults.append((file.name, error.issues[0].code))
    assert faults == []
    assert read > 0
