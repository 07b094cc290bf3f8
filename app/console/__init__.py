"""Staff's pages. Every route names an act (`access.staff_may`) or says that anyone may come.

sign_in · sso · account · staff · clients · audit · waves · releases · results: one subject each
integrity: suspicious answers; integrity_words: what is said of them
paper · custody · slips · keying · calls · adjudication · paper_files: forms
paper_words: what is said of them
scores: figures entered, evaluations; score_words: what is said of them
access: who may · cookies: the session's cookie · pages: the frame around every page
notices: errors · words: names of roles, states and acts

No POST is taken that a browser can't vouch for as coming from these pages.
"""

from fastapi import APIRouter

from app.console import (
    account,
    adjudication,
    audit,
    calls,
    clients,
    custody,
    integrity,
    keying,
    paper,
    paper_files,
    releases,
    results,
    scores,
    sign_in,
    slips,
    sso,
    staff,
    waves,
)
from app.console.access import same_origin
from app.console.notices import error_page

router = APIRouter(include_in_schema=False, dependencies=[same_origin])
PAPER = (paper, custody, slips, keying, calls, adjudication, paper_files)
RESULTS = (integrity, releases, results, scores)
for part in (sign_in, sso, waves, *RESULTS, staff, clients, audit, account, *PAPER):
    router.include_router(part.router, prefix="/console")
router.include_router(keying.worker, prefix="/console")

__all__ = ["error_page", "router"]
