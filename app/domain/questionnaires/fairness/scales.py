"""A rating scale is balanced: its good and bad ends are alike in number, distance and words."""

from collections.abc import Callable
from itertools import pairwise

from app.domain.questionnaires.fairness.lexicon import is_strong, plain, says_not_known, tones
from app.domain.questionnaires.findings import Broken, Path, repeated
from app.domain.questionnaires.model import DONT_KNOW, Level, Questionnaire, Scale
from app.domain.questionnaires.text import LANGUAGES

END = 20
"""How far, in points, either end of a scale may lie from 0 and 100."""

MIDDLE = (40, 60)
"""Where a middle level scores; the national scale gives its «basically satisfied» 60."""


def _every_scale(rule: Callable[[Scale], Broken]) -> Callable[[Questionnaire], Broken]:
    def judge(questionnaire: Questionnaire) -> Broken:
        for name, scale in questionnaire.scales.items():
            for path, code, message in rule(scale):
                yield ("scales", name, *path), code, message

    return judge


def _count(scale: Scale, side: str) -> int:
    return sum(level.side == side for level in scale.levels)


def no_bad_end(scale: Scale) -> Broken:
    """Yongji's form offered only satisfied answers."""
    if not _count(scale, "bad"):
        yield ("levels",), "no-bad-end", "no level lets people say that they are dissatisfied"


def no_good_end(scale: Scale) -> Broken:
    """The same in the other direction."""
    if not _count(scale, "good"):
        yield ("levels",), "no-good-end", "no level lets people say that they are satisfied"


def unbalanced(scale: Scale) -> Broken:
    """More steps on one side draw answers to it."""
    good, bad = _count(scale, "good"), _count(scale, "bad")
    if good and bad and good != bad:
        message = f"has {good} good and {bad} bad levels; both sides need the same number"
        yield ("levels",), "unbalanced-scale", message


def several_middles(scale: Scale) -> Broken:
    """A second middle is a good or bad level under another name."""
    middles = [at for at, level in enumerate(scale.levels) if level.side == "middle"]
    for at in middles[1:]:
        message = "a scale has one middle at most; say on which side this level is"
        yield ("levels", at, "side"), "several-middles", message


def out_of_order(scale: Scale) -> Broken:
    """Readers take the place of a level for its meaning."""
    scores = [level.score for level in scale.levels]
    for at, (first, second) in enumerate(pairwise(scores)):
        if (second > first) != (scores[-1] > scores[0]) or first == second:
            message = "levels stand in order of their scores, each with its own"
            yield ("levels", at + 1, "score"), "levels-out-of-order", message


def score_contradicts_side(scale: Scale) -> Broken:
    """A bad answer counts as bad: good above 50, bad below, the middle between 40 and 60."""
    low, high = MIDDLE
    for at, level in enumerate(scale.levels):
        fits = {
            "good": level.score > 50,
            "middle": low <= level.score <= high,
            "bad": level.score < 50,
        }
        if not fits[level.side]:
            message = f"good is above 50, bad below 50, a middle from {low} to {high}"
            yield ("levels", at, "score"), "score-contradicts-side", message


def side_out_of_place(scale: Scale) -> Broken:
    """Good above middle above bad: a side is no matter of opinion."""
    rank = {"bad": 0, "middle": 1, "good": 2}
    ranked = sorted(enumerate(scale.levels), key=lambda pair: pair[1].score)
    for (_, lower), (at, higher) in pairwise(ranked):
        if rank[higher.side] < rank[lower.side]:
            message = "scores more than a level of a better side"
            yield ("levels", at, "side"), "side-out-of-place", message


def cut_off_end(scale: Scale) -> Broken:
    """Scores from 60 to 100 make every department pass, whatever people answer."""
    if not (_count(scale, "good") and _count(scale, "bad")):
        return  # a missing end has its own rule
    scores = [level.score for level in scale.levels]
    for end, off in ((min(scores), min(scores) > END), (max(scores), max(scores) < 100 - END)):
        if off:
            message = f"the worst level scores at most {END}, the best at least {100 - END}"
            yield ("levels", scores.index(end), "score"), "cut-off-end", message


def label_contradicts_side(scale: Scale) -> Broken:
    """A level said to be bad may not read as satisfied, nor the other way round."""
    for at, level in enumerate(scale.levels):
        if tones(level.text) & _strange(level):
            message = "the words of this level say something else than its side"
            yield ("levels", at, "text"), "label-contradicts-side", message


def _strange(level: Level) -> set[str]:
    match level.side:
        case "good":
            return {"bad"}
        case "middle":
            return {"good", "bad"}
    return {"good", "hedged"}


def uneven_words(scale: Scale) -> Broken:
    """«Satisfied» against «utterly dissatisfied»: people shy away from the stronger words."""
    for language in LANGUAGES:
        strong = {
            side: sum(is_strong(one.text[language]) for one in scale.levels if one.side == side)
            for side in ("good", "bad")
        }
        both = _count(scale, "good") == _count(scale, "bad")
        if both and strong["good"] != strong["bad"]:
            message = "as many bad levels as good ones are worded strongly (very, extremely, …)"
            yield ("levels",), "uneven-words", message


def dont_know_rates(scale: Scale) -> Broken:
    """«Not quite satisfied» as the text of «don't know» would keep bad answers from counting."""
    if scale.dont_know and tones(scale.dont_know) != {"neutral"}:
        message = "«don't know» is no rating, and its words are none"
        yield ("dont_know",), "dont-know-rates", message


def same_label(scale: Scale) -> Broken:
    """Two levels that read alike hide which of them counts for what."""
    labels = [level.text for level in scale.levels]
    if scale.dont_know:
        labels.append(scale.dont_know)
    for language in LANGUAGES:
        for at in repeated(labels, key=lambda label: plain(label[language]).casefold()):
            path: Path = ("levels", at, "text", language)
            path = path if at < len(scale.levels) else ("dont_know", language)
            yield path, "same-label", "reads like an earlier level"


def dont_know_scored(scale: Scale) -> Broken:
    """Not knowing a department is no opinion of it, neither good nor bad nor middling."""
    for at, level in enumerate(scale.levels):
        if level.code == DONT_KNOW or says_not_known(level.text):
            message = "«don't know» is no level and has no score; use the key dont_know"
            yield ("levels", at), "dont-know-scored", message


RULES = [
    _every_scale(rule)
    for rule in (
        no_bad_end,
        no_good_end,
        unbalanced,
        several_middles,
        out_of_order,
        score_contradicts_side,
        side_out_of_place,
        cut_off_end,
        label_contradicts_side,
        uneven_words,
        dont_know_rates,
        same_label,
        dont_know_scored,
    )
]
