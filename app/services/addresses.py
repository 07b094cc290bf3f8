"""Addresses that stand on paper and in QR codes, under the public address of the settings."""

from app.services.resources import Resources
from app.services.waves import Wave


def wave_address(
    resources: Resources, wave: Wave, *, department: str = "", window: str = ""
) -> str:
    """Give the address of a wave, or of a department or service window in it."""
    base = f"{resources.settings.public_url.rstrip('/')}/w/{wave.code}"
    if window:
        return f"{base}?at={window}"
    return f"{base}/d/{department}" if department else base


def invitation_address(resources: Resources, wave: Wave, permit: str) -> str:
    """Give the address behind the QR code of a letter; it holds the permit."""
    return f"{wave_address(resources, wave)}/i/{permit}"


def as_typed_address(address: str) -> str:
    """Write an address as people type it."""
    return address.removeprefix("https://").removeprefix("http://")
