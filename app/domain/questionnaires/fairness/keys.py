"""Keys that the format does not have because they would be unfair: each gets its own reason.

They would be refused as unknown anyway; who writes one should learn why it will never be added.
"""

from app.domain.questionnaires.findings import Path

REASONS = {
    "pre-ticked": "no answer is chosen beforehand",
    "quota-on-answers": "answers are neither capped nor filled up to a quota",
    "conditional-duty": "who is dissatisfied owes no reason, comment or second thought",
    "weighted-answer": "an answer counts by its score alone; weights belong to respondents",
    "uneven-look": "every answer looks the same and stands where the scale puts it",
    "reward-for-answer": "nothing is given for an answer",
}

_KEYS = {
    "pre-ticked": "default default_answer default_value preselect preselected prechecked checked"
    " selected ticked preticked prefill prefilled initial initial_value model_answer",
    "quota-on-answers": "quota quotas cap caps share max_share maximum_share min_share limit limits"
    " max_count max_percent maximum_percent min_percent at_most_share ceiling floor refuse_if"
    " reject_if invalid_if valid_if discard_if",
    "conditional-duty": "required_if require_if required_for require_comment comment_required"
    " comment_required_if requires_comment require_reason reason_required requires_reason"
    " explain confirm confirm_if warn warn_if warning min_length identify_if require_identity",
    "weighted-answer": "weight multiplier factor bonus counts_as",
    "uneven-look": "hidden hide hide_if collapsed small size font style colour color highlight"
    " highlighted recommended shuffle shuffled random randomise randomize randomised order icon",
    "reward-for-answer": "reward rewards prize lottery gift incentive payment coupon red_packet",
}

_CODES = {key: code for code, keys in _KEYS.items() for key in keys.split()}


_OF_ANSWERS_ONLY = {"weighted-answer", "uneven-look"}
"""`weight` and `order` have an honest meaning elsewhere: there they are merely misplaced."""


def unfair_key(path: Path) -> tuple[str, str] | None:
    """Give the code and reason if the key at the end of a path is one of these."""
    code = _CODES.get(str(path[-1]).lower().replace("-", "_"))
    on_an_answer = not {"scales", "options"}.isdisjoint(path)
    if code is None or (code in _OF_ANSWERS_ONLY and not on_an_answer):
        return None
    return code, REASONS[code]
