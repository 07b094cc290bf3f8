"""Citizens' pages. A few lines per route: load, call one service, shape the page.

start: how one comes in · answering: the questionnaire · receipts · about: everything around
landing, choosing, review, sheet, ways_in, errors_shown: what a page is given to show
sitting, journey, cookies: who is answering, and where in the questionnaire · notices: errors
"""

from fastapi import APIRouter

from app.web import about, answering, receipts, start
from app.web.notices import error_page

router = APIRouter(include_in_schema=False)
for part in (start, answering, receipts, about):
    router.include_router(part.router)

__all__ = ["error_page", "router"]
