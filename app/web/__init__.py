"""Citizens' pages."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app.errors import MinyiError

router = APIRouter()


async def error_page(request: Request, error: MinyiError) -> Response:
    """Show an error to a citizen."""
    return HTMLResponse(error.title, error.status)
