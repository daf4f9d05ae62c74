"""A run as JUnit XML, so that a CI shows the figures and fails where a gate does."""

from collections.abc import Sequence
from xml.etree import ElementTree

from fhir_adapter.evaluation.gates import Held
from fhir_adapter.evaluation.results import Evaluation, Row


def as_junit(result: Evaluation, held: Sequence[Held]) -> str:
    """A suite of the gates, whose failures fail a build, and one of all tasks, which tells their figures.

    Reports that could not be read are errors of a suite of their own.
    """
    top = ElementTree.Element("testsuites", name="fhir-adapter evaluate")
    gates = _suite(top, "gates", len(held), failures=sum(not one.passed for one in held))
    for one in held:
        case = _case(gates, "gates", f"{one.gate.task} {one.gate.measure} >= {one.gate.least:g}")
        if not one.passed:
            ElementTree.SubElement(case, "failure", message=str(one), type="gate").text = str(one)
    tasks = _suite(top, "tasks", len(result.rows))
    for row in result.rows:
        ElementTree.SubElement(_case(tasks, "tasks", row.task), "system-out").text = _figures(row)
    if result.failures:
        suite = _suite(top, "reports", len(result.failures), errors=len(result.failures))
        for scored in result.failures:
            case = _case(suite, "reports", scored.identity)
            ElementTree.SubElement(case, "error", message=f"not read: {scored.failure}", type=scored.failure)
    for name in ("tests", "failures", "errors"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in top)))
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=False) + "\n"


def _suite(top: ElementTree.Element, name: str, tests: int, *, failures: int = 0,
           errors: int = 0) -> ElementTree.Element:
    return ElementTree.SubElement(top, "testsuite", name=f"evaluate.{name}", tests=str(tests), failures=str(failures),
                                  errors=str(errors), skipped="0", time="0")


def _case(suite: ElementTree.Element, group: str, name: str) -> ElementTree.Element:
    # XML 1.0 has no control characters, not even escaped; an id may hold any.
    safe = "".join(c if c.isprintable() else "\ufffd" for c in name)
    return ElementTree.SubElement(suite, "testcase", classname=f"evaluate.{group}", name=safe, time="0")


def _figures(row: Row) -> str:
    return "\n".join(f"{name}: {'not measured' if value is None else f'{value:.3f}'}"
                     for name, value in row.figures.items())
