"""What a matcher hands over: table rows found in the text, and the cues that bear on them."""

from dataclasses import dataclass

from fhir_adapter.model.span import Span
from fhir_adapter.tables.language import TargetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifier:
    """A cue of mappings/nlp/context.json that bears on a mention: its category and its words."""

    category: str
    span: Span
    literal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A row of mappings/nlp/targets.json found in the text, with its cues.

    `within` are the sites that a finding's own words name ("rib" in "rib fracture").
    """

    row: TargetRow
    span: Span
    modifiers: tuple[Modifier, ...] = ()
    within: tuple["Mention", ...] = ()
