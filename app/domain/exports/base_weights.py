"""Base weights as declared: N_h/n_h in a probability sample, 1 in anything else."""

from collections.abc import Mapping

from app.domain.questionnaires.analysis import Weighting
from app.domain.questionnaires.definition import SurveyDefinition

Key = tuple[str, str, str]
"""Respondent class, mode, stratum."""


def base_weights(definition: SurveyDefinition, counted: Mapping[Key, int]) -> dict[Key, float]:
    """Give the weight of a response by class, mode and stratum.

    n_h counts the responses of a stratum over all modes that are weighted together. That every
    department was drawn with the same chance (`assigned`) changes no mean and is left out.
    """
    people = {one.code: one.population for one in definition.sample.strata}
    declared = definition.index.weighting if definition.index else []
    weights = dict.fromkeys(counted, 1.0)
    for one in declared:
        if one.base == "stratum":
            weights |= _by_stratum(one, counted, people)
    return weights


def _by_stratum(
    weighting: Weighting, counted: Mapping[Key, int], people: Mapping[str, int]
) -> dict[Key, float]:
    own = {
        key: n
        for key, n in counted.items()
        if key[0] == weighting.respondent_class and key[1] in weighting.modes and key[2] in people
    }
    totals: dict[str, int] = {}
    for (_, _, stratum), n in own.items():
        totals[stratum] = totals.get(stratum, 0) + n
    return {key: people[key[2]] / totals[key[2]] for key in own}
