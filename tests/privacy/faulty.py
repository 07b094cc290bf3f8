"""A server with a fault whose exception carries personal data (`test_logs.py`)."""

from app.__main__ import main
from app.api.v1 import receipts
from app.services.resources import Resources


async def break_down(_resources: Resources, code: str) -> None:
    """Raise what nobody expected."""
    raise ZeroDivisionError(f"tokenized {code}")


receipts.find_receipt = break_down  # type: ignore[assignment]

if __name__ == "__main__":
    main()
