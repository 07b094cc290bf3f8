"""Whether answers can be stored now."""

from sqlalchemy import select

from app.services.resources import Resources


async def require_ready(resources: Resources) -> None:
    """Ask the database for something small. Raises StorageUnavailable."""
    async with resources.database.reading() as connection:
        await connection.execute(select(1))
