"""What is quick says the same as what is slow."""

import json
from uuid import NAMESPACE_URL, uuid5

import pytest

from fhir_adapter.emitters.elements import BASE, Part
from fhir_adapter.emitters.identity import identity
from fhir_adapter.emitters.written import written


@pytest.mark.parametrize("value", [
    "zzyzx \"quoted\" \\ / \b\f\n\r\t \x00\x1f\x7f \u00e9\u2028\U0001f9b4", 0, -1, 2**53, 1.5, 0.93, 0.1, 12.75,
    1234567.25, True, None, [], {}, [Part(code="1"), {"b": 1, "a": [2]}], Part(value=Part(value=7.0))])
def test_a_resource_is_written_as_the_standard_library_writes_it(value):
    """To the byte, so that a stored resource and its digest do not depend on who wrote it."""
    resource = {"resourceType": "Basic", "value": value}
    assert written(resource) == json.dumps(resource, ensure_ascii=False, separators=(",", ":")).encode()


def test_half_a_character_is_not_written():
    """A string that is no text is refused, and nothing is stored in its place."""
    with pytest.raises(UnicodeEncodeError):
        written({"text": "\ud800"})


@pytest.mark.parametrize("names", [("Observation", "one", "two"), ("zzyzx",), ("é", "|", "")])
def test_an_identity_is_a_uuid_of_version_5(names):
    """The name is hashed in our namespace as RFC 4122 says in 4.3."""
    assert identity(*names) == str(uuid5(uuid5(NAMESPACE_URL, BASE), "|".join(names)))


def test_every_variant_of_an_identity_is_that_of_the_standard():
    """Whatever the hash is, digit 17 is 8, 9, a or b."""
    names = [str(number) for number in range(100)]
    assert [identity(name) for name in names] == [str(uuid5(uuid5(NAMESPACE_URL, BASE), name)) for name in names]
