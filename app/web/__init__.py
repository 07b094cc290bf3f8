"""Citizens' pages. A few lines per route: load, call one service, shape the page.

start: how one comes in · identity, log_in: the same with an identity check · answering: the
questionnaire · receipts · results: releases for everybody · about: everything around
landing, section, choosing, review, sheet, ways_in, identity_pages, errors_shown: what a page shows
sitting, journey, cookies: who is answering, and where in the questionnaire · notices: errors
"""

from fastapi import APIRouter

from app.web import about, answering, identity, log_in, receipts, results, start
from app.web.notices import error_page

router = APIRouter(include_in_schema=False)
for part in (start, identity, log_in, answering, receipts, results, about):
    router.include_router(part.router)

__all__ = ["error_page", "router"]
