"""What a matcher hands over: table rows found in the text, and the cues that bear on them."""

from collections.abc import Sequence
from typing import NamedTuple

from fhir_adapter.model.reading import Sentence
from fhir_adapter.model.span import Span
from fhir_adapter.tables.language import TargetRow


class Modifier(NamedTuple):
    """A cue of mappings/nlp/context.json that bears on a mention: its category and its words."""

    category: str
    span: Span


class Mention(NamedTuple):
    """A row of mappings/nlp/targets.json found in the text, with its cues.

    `within` are the sites that a finding's own words name ("rib" in "rib fracture").
    """

    row: TargetRow
    span: Span
    modifiers: tuple[Modifier, ...] = ()
    within: tuple["Mention", ...] = ()


def by_sentence(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> list[list[Mention]]:
    """The mentions of each sentence, in order; one that reaches over its sentence is in the first."""
    out: list[list[Mention]] = [[] for _ in sentences]
    remaining = iter(sorted(mentions, key=_place))
    mention = next(remaining, None)
    for sentence, local in zip(sentences, out, strict=True):
        while mention is not None and mention.span.start < sentence.span.end:
            if sentence.span.overlaps(mention.span):
                local.append(mention)
            mention = next(remaining, None)
    return out


def _place(mention: Mention) -> tuple[int, int]:
    return mention.span.start, mention.span.end
