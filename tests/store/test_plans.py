"""What is done for every message takes no longer in a full store than in an empty one."""

from datetime import UTC, datetime

from sqlalchemy import event

from fhir_adapter.service.adapter import adapter
from fhir_adapter.service.intake import open_intake
from fhir_adapter.service.processing import process
from fhir_adapter.service.record import record
from fhir_adapter.store.messages import unsettled_of, waiting
from tests.messages import oru

_WHOLE = tuple(f"SCAN {name}" for name in ("message", "issue", "report_version", "resource", "lookup",
                                               "report_fact", "insight_fact"))
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_nothing_is_found_by_reading_a_table(settings, tables):
    """Taking a message, handing it out, writing down its first and its second version: every statement goes by an
    index.
    """
    intake, loaded = open_intake(settings, tables), adapter(settings)
    said: list[tuple[str, object]] = []
    event.listen(intake.database.engine, "before_cursor_execute",
                 lambda _, __, statement, parameters, ___, many: said.append(
                     (statement, parameters[0] if many else parameters)))
    for name, text in (("Q1", "FINDINGS: A 5 mm nodule in the left upper lobe."), ("Q2", "FINDINGS: No nodule.")):
        intake.take([intake.judge(oru(name, text=text), channel="mllp")])
        with intake.database.writing() as connection:
            (work,) = waiting(connection, now=NOW, limit=10)
            assert unsettled_of(connection, [work.seq]) != {}
            record(connection, work.seq, process(work.payload, loaded), now=NOW, tables=tables)
    statements = [one for one in said if one[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    with intake.database.reading() as connection:
        plans = [(statement, row.detail) for statement, parameters in statements
                 for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()]
    intake.database.close()
    assert ([plan for plan in plans if plan[1].startswith(_WHOLE)],
            len(statements) > 20) == ([], True)
