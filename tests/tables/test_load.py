"""A table that its schema refuses is told with its place."""

import json

import pytest

from fhir_adapter.errors import TableError
from fhir_adapter.tables.load import document, rows

SCHEMA = {"type": "object", "required": ["code"], "additionalProperties": False,
          "properties": {"code": {"type": "string", "format": "sctid"}, "words": {"type": "string", "format": "regex"}}}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "codes.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("content", "told"), [
    ("code,words\n39607008,lung\n39607009,lung\n", "codes.csv:3:code: format"),
    ("code,words\n39607008,lu(ng\n", "codes.csv:2:words: format"),
    ("words\nlung\n", "codes.csv:2:row: required"),
])
def test_a_row_is_named(folder, content, told):
    """File, row and column of the first value that is refused: a wrong check digit, a broken pattern, no code."""
    (folder / "codes.csv").write_text(content, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        rows(folder / "codes.csv")
    assert str(caught.value).startswith(told)


def test_a_place_in_a_document_is_named(folder):
    """The path to the value that is refused."""
    (folder / "codes.json").write_text('{"code": "39607009"}', encoding="utf-8")
    with pytest.raises(TableError) as caught:
        document(folder / "codes.json")
    assert str(caught.value).startswith("codes.json:code: format")


def test_a_table_needs_a_schema(tmp_path):
    """A table without a schema beside it is not read."""
    (tmp_path / "codes.csv").write_text("code\n39607008\n", encoding="utf-8")
    with pytest.raises(TableError, match="the table has no schema"):
        rows(tmp_path / "codes.csv")


def test_good_rows_are_read(folder):
    """What the schema allows comes as it stands."""
    (folder / "codes.csv").write_text("code,words\n39607008,lung|lungs\n", encoding="utf-8")
    assert rows(folder / "codes.csv") == [{"code": "39607008", "words": "lung|lungs"}]
