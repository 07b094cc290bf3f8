"""Symmetry: no rule may treat a dissatisfied answer differently from a satisfied one.

Each rule is a function with its own code, in the module of its subject:

scales: the two ends of a rating scale are alike, and its labels say what they count as
offering: «don't know» is offered, nothing that rates hides behind another kind of question
routing: nothing is asked, or spared, because of how satisfied someone is
wording: questions neither praise nor suggest the answer
keys: what an unfair officer would try to write (pre-ticked, capped, warned) and gets a reason for
lexicon: the words by which the rules know satisfied from dissatisfied, in both languages

What has been tried elsewhere and is refused here: a form with only «satisfied» and «very
satisfied» (Yongji 2010), ballots refused or capped for too many «dissatisfied» (Wuhan 2009, Putian
2010), printed model answers (Nanning 2016), payment for praise (Shaoyang 2013).
"""

from collections.abc import Iterator, Mapping

from app.domain.questionnaires.fairness import offering, routing, scales, wording
from app.domain.questionnaires.fairness.keys import unfair_key
from app.domain.questionnaires.findings import Finding
from app.domain.questionnaires.model import Questionnaire
from app.domain.questionnaires.text import DefinitionModel

__all__ = ["judge", "unfair_key"]


def judge(parts: Mapping[str, DefinitionModel]) -> Iterator[Finding]:
    """Apply every rule to the parts of a definition that are there, whole or not."""
    questionnaire = parts.get("questionnaire")
    if isinstance(questionnaire, Questionnaire):
        for rules in (scales.RULES, offering.RULES, routing.RULES, wording.RULES):
            for rule in rules:
                for path, code, message in rule(questionnaire):
                    yield Finding("questionnaire", path, code, message)
    for part, content in parts.items():
        for words_of in wording.RULES_FOR_ALL_TEXTS:
            for path, code, message in words_of(content):
                yield Finding(part, path, code, message)
