"""Receipts: proof that an answer is stored, never what it says."""

from fastapi import APIRouter

from app.api.v1.models import ReceiptOut
from app.api.v1.problems import problems
from app.dependencies import ResourcesOfApp
from app.errors.answering import ReceiptNotFound
from app.security import ANYONE
from app.services.responses import find_receipt

router = APIRouter(prefix="/receipts", tags=["receipts"], dependencies=[ANYONE])


@router.get("/{receipt_id}", responses=problems(ReceiptNotFound))
async def get_receipt(receipt_id: str, resources: ResourcesOfApp) -> ReceiptOut:
    """Say when the answer with this receipt was stored and whether it counts."""
    receipt = await find_receipt(resources, receipt_id)
    return ReceiptOut(
        id=receipt.code,
        wave=receipt.wave,
        received_on=receipt.received_on,
        status=receipt.status,
    )
