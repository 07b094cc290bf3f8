"""What rows look like. Files here are private; import tables from this package only.

Big tables carry `wave_id` in every primary and unique key (`_base.py:DISTRIBUTED`). Two sides share
no key and are never written in one transaction, except at trust level `confidential`:

    roll side      roll, pool, eligible_persons        who has taken part
    response side  permits, typed_codes, drafts, responses    what was said

Each has its counters (`_counts.py`): roll_counts; permit_counts and response_counts.

Paper forms (`_paper.py`) name no person and stand with the response side.
"""

from app.tables._audit import audit_head, audit_log
from app.tables._base import metadata
from app.tables._clients import client_tokens, clients, webhook_deliveries, webhooks
from app.tables._counts import permit_counts, response_counts, roll_counts
from app.tables._definitions import definitions
from app.tables._events import event_head, events
from app.tables._integrity import integrity_cases, integrity_members, integrity_steps
from app.tables._paper import (
    adjudications,
    batches,
    calls,
    custody_moves,
    entries,
    forms,
    interviewers,
    quotas,
)
from app.tables._permits import permits, typed_codes
from app.tables._releases import prepared_figures, releases
from app.tables._responses import drafts, responses
from app.tables._roll import eligible_persons, pool, roll
from app.tables._scoring import entered_figures, evaluations, prepared_evaluations
from app.tables._signing_keys import signing_keys
from app.tables._staff import (
    sign_in_tries,
    staff,
    staff_links,
    staff_recovery_codes,
    staff_scopes,
    staff_sessions,
    staff_sso,
)
from app.tables._waves import wave_dates, wave_transitions, waves

__all__ = [
    "adjudications",
    "audit_head",
    "audit_log",
    "batches",
    "calls",
    "client_tokens",
    "clients",
    "custody_moves",
    "definitions",
    "drafts",
    "eligible_persons",
    "entered_figures",
    "entries",
    "evaluations",
    "event_head",
    "events",
    "forms",
    "integrity_cases",
    "integrity_members",
    "integrity_steps",
    "interviewers",
    "metadata",
    "permit_counts",
    "permits",
    "pool",
    "prepared_evaluations",
    "prepared_figures",
    "quotas",
    "releases",
    "response_counts",
    "responses",
    "roll",
    "roll_counts",
    "sign_in_tries",
    "signing_keys",
    "staff",
    "staff_links",
    "staff_recovery_codes",
    "staff_scopes",
    "staff_sessions",
    "staff_sso",
    "typed_codes",
    "wave_dates",
    "wave_transitions",
    "waves",
    "webhook_deliveries",
    "webhooks",
]
