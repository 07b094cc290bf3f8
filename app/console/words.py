"""Names of roles, states and acts, as staff read them."""

from collections.abc import Mapping

from app.domain.rights.roles import Role
from app.domain.waves.life_cycle import WaveState
from app.rendering import N_
from app.services.wave_control import Change

ROLES: Mapping[str, str] = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.SUPERVISOR: N_("Survey-point supervisor"),
    Role.KEYER: N_("Keyer"),
    Role.ADJUDICATOR: N_("Adjudicator"),
    Role.ANALYST: N_("Analyst"),
    Role.DEPARTMENT_READER: N_("Department reader"),
    Role.AUDITOR: N_("Auditor"),
}
STATES: Mapping[str, str] = {
    "invited": N_("Invited"),
    "active": N_("Active"),
    "disabled": N_("Disabled"),
}
CLIENT_STATES: Mapping[str, str] = {
    "active": N_("Active"),
    "revoked": N_("Revoked"),
}
WAVE_STATES: Mapping[str, str] = {
    WaveState.DRAFT: N_("Draft"),
    WaveState.OPEN: N_("Open"),
    WaveState.PAUSED: N_("Paused"),
    WaveState.CLOSED: N_("Closed"),
    WaveState.RELEASED: N_("Released"),
}
CHANGES: Mapping[str, str] = {
    Change.OPEN: N_("Open the wave"),
    Change.PAUSE: N_("Pause the wave"),
    Change.CLOSE: N_("Close the wave for good"),
}
CHANGES_EXPLAINED: Mapping[str, str] = {
    Change.OPEN: N_("Citizens can answer from the opening day on. The definition is frozen."),
    Change.PAUSE: N_("No answers are taken until the wave is opened again. Drafts are kept."),
    Change.CLOSE: N_(
        "No answer is taken any more, ever. What tells when an answer came is removed from storage."
    ),
}
RELEASE_STATES: Mapping[str, str] = {
    "provisional": N_("Provisional: a final release follows"),
    "final": N_("Final: changed by corrections only"),
    "corrected": N_("Correction: says what was wrong"),
}
ACTS: Mapping[str, str] = {
    "wave.created": N_("Wave made"),
    "wave.open": N_("Wave opened"),
    "wave.paused": N_("Wave paused"),
    "wave.closed": N_("Wave closed"),
    "wave.released": N_("Wave released"),
    "wave.dates-changed": N_("Dates of a wave changed"),
    "staff.invited": N_("Account made"),
    "staff.rights-changed": N_("Rights changed"),
    "staff.reset": N_("Account reset"),
    "staff.disabled": N_("Account disabled"),
    "account.password-set": N_("First password set"),
    "account.password-changed": N_("Password changed"),
    "account.second-factor-set": N_("Second factor set up"),
    "account.recovery-codes-renewed": N_("Recovery codes renewed"),
    "account.sso-linked": N_("Linked with the city's log-in"),
    "account.sso-unlinked": N_("Link with the city's log-in removed"),
    "session.began": N_("Signed in"),
    "session.ended": N_("Session ended"),
    "paper.batch-issued": N_("Forms issued"),
    "paper.batch-closed": N_("Batch of forms closed"),
    "paper.interviewer-named": N_("Interviewer named"),
    "paper.quotas-set": N_("Quotas set"),
    "paper.forms-moved": N_("Forms scanned"),
    "paper.forms-keyed": N_("Forms keyed"),
    "paper.forms-decided": N_("Forms decided on"),
    "paper.entries-exported": N_("Keyed forms exported"),
    "integrity.propose": N_("Change of what counts proposed"),
    "integrity.agree": N_("Change of what counts agreed to"),
    "integrity.refuse": N_("Change of what counts refused"),
    "client.added": N_("Scoring system added"),
    "client.rotated": N_("Secret of a scoring system renewed"),
    "client.revoked": N_("Scoring system revoked"),
    "score.figures-entered": N_("Figures entered"),
    "score.prepared": N_("Evaluation prepared"),
    "score.published": N_("Evaluation published"),
    "responses.exported": N_("Responses exported"),
    "keys.made": N_("Signing key made"),
    "release.prepared": N_("Release prepared"),
    "release.provisional": N_("Provisional release published"),
    "release.final": N_("Final release published"),
    "release.corrected": N_("Correction published"),
    "release.responses-exported": N_("Responses exported"),
}
SUBJECTS: Mapping[str, str] = {
    "wave.": N_("Waves"),
    "staff.": N_("Staff"),
    "account.": N_("Own account"),
    "session.": N_("Sessions"),
    "paper.": N_("Paper forms"),
    "integrity.": N_("Suspicious answers"),
    "client.": N_("Scoring systems"),
    "score.": N_("Evaluations"),
    "responses.": N_("Answers"),
    "keys.": N_("Signing keys"),
    "release.": N_("Releases"),
}
"""Beginnings of acts, for the filter of the log."""
