"""`configuration` of a job: which inferences its client wants, and how they are told."""

from fhir_adapter.model.inference import EARLY_TYPES, INFERENCE_TYPES, InferenceOptions
from fhir_adapter.model.insight import Kind
from fhir_adapter.readers.radiology_insights.elements import Element

VERSIONS = {"2024-04-01": EARLY_TYPES, "2024-08-01-preview": EARLY_TYPES, "2024-10-01": INFERENCE_TYPES,
            "2025-07-01-preview": INFERENCE_TYPES}
"""The api-versions that are spoken, with the kinds that their clients know."""
CURRENT = "2024-10-01"

MEASURES = ("mips76", "mips147", "mips195", "mips360", "mips364", "mips405", "mips406", "mips436", "mips145", "acrad36",
            "acrad37", "acrad38", "acrad39", "acrad40", "acrad41", "acrad42", "mednax55", "msn13", "msn15", "qmm26",
            "qmm17", "qmm18", "qmm19")
LOCALES = ("en-CA", "en-US", "en-AU", "en-DE", "en-IE", "en-NZ", "en-GB")
# Published examples ask for the last, though the contract does not know it; it asks for nothing.
_KINDS = (*(kind.value for kind in Kind), "criticalRecommendation")


def options(configuration: Element, version: str) -> InferenceOptions:
    """The options of a request of this api-version; what is wrong is noted in the element."""
    told = configuration.record()
    told["locale"].choice(LOCALES, fold=True)
    inner = told["inferenceOptions"].record()
    # Published examples write some options with a capital letter; the client sends none.
    guidance, measures = (_either(inner, name) for name in ("guidanceOptions", "qualityMeasureOptions"))
    followups, findings = inner["followupRecommendationOptions"].record(), inner["findingOptions"].record()
    if measures.there:
        measures["measureTypes"].required()
    return InferenceOptions(
        kinds=_kinds(told["inferenceTypes"], VERSIONS[version]),
        include_evidence=told["includeEvidence"].flag(default=True),
        verbose=told["verbose"].flag(),
        no_modality=followups["includeRecommendationsWithNoSpecifiedModality"].flag(),
        in_references=followups["includeRecommendationsInReferences"].flag(),
        recommendation_sentences=followups["provideFocusedSentenceEvidence"].flag(),
        finding_sentences=findings["provideFocusedSentenceEvidence"].flag(),
        history=guidance["showGuidanceInHistory"].flag(),
        measures=tuple(dict.fromkeys(item.choice(MEASURES) for item in measures["measureTypes"].items())))


def _kinds(wanted: Element, known: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """The kinds asked for, in the API's order, then ours; all that the version knows where none is named."""
    named = {item.choice(_KINDS) for item in wanted.items()}
    if not named:
        return known
    ours = tuple(kind for kind in Kind if kind not in INFERENCE_TYPES)
    return tuple(kind for kind in (*known, *ours) if kind.value in named)


def _either(options_: Element, name: str) -> Element:
    found = options_[name].record()
    return found if found.there else options_[name[0].upper() + name[1:]].record()
