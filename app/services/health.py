"""Whether answers can be stored now."""

from app.services.resources import Resources


async def require_ready(resources: Resources) -> None:
    """Ask the database for something small. Raises StorageUnavailable."""
    await resources.database.ping()
