"""Reading to Insights: what is worth telling, and the words that prove it. Pure."""

from fhir_adapter.errors import SettingsError
from fhir_adapter.insights.case import look
from fhir_adapter.insights.confidence import confident
from fhir_adapter.insights.registry import DETECTORS
from fhir_adapter.model.insight import Insight
from fhir_adapter.model.reading import Reading
from fhir_adapter.tables import Tables


def run(reading: Reading, *, tables: Tables, chosen: tuple[str, ...] = ()) -> tuple[Insight, ...]:
    """Every insight of the chosen kinds (all, where none is chosen), kind by kind, in the order of the text.

    Raises SettingsError for a kind that no detector has.
    """
    unknown = set(chosen) - {detector.kind.value for detector in DETECTORS}
    if unknown:
        raise SettingsError("detectors: a kind is named that there is no detector for")
    case = look(reading, tables.judgement)
    return tuple(confident(insight, case.tables) for detector in DETECTORS
                 if not chosen or detector.kind.value in chosen for insight in detector.detect(case))
