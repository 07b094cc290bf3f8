"""Paper fieldwork with people: keyers, an adjudicator, a supervisor, each with own objects."""

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.clock import Clock
from tests.support.fieldwork import bring_back, issue, open_base
from tests.support.staff import hire

BATCH = "/console/paper/base/batches/B1"
POINT = "/console/paper/base/points/p1"
OWN_BATCH = Scope(batches=frozenset({"B1"}))


async def furnish(resources: Resources, clock: Clock) -> Wave:
    """Two points with a batch each; the first three forms of B1 are back."""
    wave = await open_base(resources)
    await issue(resources, wave)
    await issue(resources, wave, batch="B2", point="p2")
    await bring_back(resources, wave, [1, 2, 3])
    for name in ("ann", "bo"):
        await hire(resources, clock, name, Role.KEYER, OWN_BATCH)
    await hire(resources, clock, "chen", Role.ADJUDICATOR, OWN_BATCH)
    await hire(resources, clock, "di", Role.SUPERVISOR, Scope(points=frozenset({"p1"})))
    return wave
