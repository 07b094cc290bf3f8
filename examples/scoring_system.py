"""A scoring system in a hundred lines: pull what Minyi publishes, trust nothing, merge, keep up.

    python examples/scoring_system.py https://minyi.example xiamen-2008 2008 internal.csv

`internal.csv` has the columns department and points: what the city scores itself. Added to it are
the points of every component that Minyi computes from citizens' answers. Client id and secret (from
`minyi client add`) stand in MINYI_CLIENT_ID and MINYI_CLIENT_SECRET. What has been seen is
remembered in a file (`--memory`): the keys trusted at the first pull and the end of the chain. Run
it as often as you like; it needs httpx and cryptography only.
"""

import argparse
import base64
import csv
import hashlib
import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """What was served is not what was published."""


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(jws: str, keys: dict[str, str]) -> bytes:
    """Give the payload of a compact JWS; `keys` are the trusted ones by key id."""
    try:
        head, body, signature = jws.split(".")
        header = json.loads(decoded(head))
    except ValueError:
        raise Refused("no signature that can be read") from None
    if header.get("alg") != "EdDSA":
        raise Refused("signed by another algorithm than EdDSA")
    if header.get("kid") not in keys:
        raise Refused("signed by a key that is not trusted")
    public = Ed25519PublicKey.from_public_bytes(decoded(keys[header["kid"]]))
    try:
        public.verify(decoded(signature), f"{head}.{body}".encode())
    except InvalidSignature:
        raise Refused("altered after it was signed") from None
    return decoded(body)


def accept(memory: dict[str, Any], scheme: str, jws: str) -> None:
    """Remember an evaluation, as it was signed, if it is the next one of the chain."""
    payload = verified(jws, memory["keys"])
    document = json.loads(payload)
    header, evaluation = document["header"], document["evaluation"]
    if evaluation["scheme"]["code"] != scheme:
        raise Refused("an evaluation of another scheme")
    if header["sequence"] != memory["sequence"] + 1:
        raise Refused("not the next evaluation of the chain")
    if (header["previous"] or {}).get("digest", "") != memory["digest"]:
        raise Refused("does not follow the evaluation remembered")
    memory["sequence"] = header["sequence"]
    memory["digest"] = hashlib.sha256(payload).hexdigest()
    memory["newest"][evaluation["period"]] = jws


def pull(client: httpx.Client, memory: dict[str, Any], scheme: str) -> None:
    """Read on from where the memory ends, every evaluation in its order."""
    if not memory["sequence"]:
        jwks = client.get("/.well-known/jwks.json").raise_for_status().json()
        memory["keys"] = {key["kid"]: key["x"] for key in jwks["keys"]}
    address, cursor, seen = f"/api/v1/external-evaluation/{scheme}", "", 0
    while True:
        page = client.get(address, params={"cursor": cursor}).raise_for_status().json()
        for item in page["evaluations"]:
            seen = item["sequence"]
            if seen > memory["sequence"]:
                one = client.get(f"{address}/{item['period']}/jws", params={"sequence": seen})
                accept(memory, scheme, one.raise_for_status().text)
        cursor = page["next"]
        if not cursor:
            break
    if seen < memory["sequence"]:
        raise Refused("an older state than the one remembered")


def merged(document: dict[str, Any], internal: dict[str, Decimal]) -> list[tuple[str, ...]]:
    """Give department, internal points, points from citizens and their sum, best first.

    A department of which too few people spoke has no index, so no sum: it is left out.
    """
    rows = []
    for one in document["evaluation"]["departments"]:
        code = one["department"]["code"]
        points = [part["points"] for part in one["components"] if part["index"]]
        if None in points:
            continue
        if code not in internal:
            raise Refused(f"{code}: no points of the city's own")
        external = sum(map(Decimal, points), Decimal(0))
        rows.append((code, internal[code], external, internal[code] + external))
    rows.sort(key=lambda row: row[3], reverse=True)
    return [(code, *(f"{one.normalize():f}" for one in figures)) for code, *figures in rows]


def signed_in(address: str) -> httpx.Client:
    """Exchange id and secret for a token of some minutes (OAuth 2.0 client credentials)."""
    reply = httpx.post(
        f"{address}/api/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(os.environ["MINYI_CLIENT_ID"], os.environ["MINYI_CLIENT_SECRET"]),
    )
    token = reply.raise_for_status().json()["access_token"]
    return httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("address", "scheme", "period"):
        options.add_argument(name)
    options.add_argument("internal", type=Path)
    options.add_argument("--memory", type=Path, default=Path("scoring-memory.json"))
    chosen = options.parse_args()
    with chosen.internal.open(encoding="utf-8-sig", newline="") as file:
        internal = {row["department"]: Decimal(row["points"]) for row in csv.DictReader(file)}
    memory = {"keys": {}, "sequence": 0, "digest": "", "newest": {}}
    if chosen.memory.exists():
        memory = json.loads(chosen.memory.read_text("utf-8"))
    try:
        with signed_in(chosen.address) as client:
            pull(client, memory, chosen.scheme)
        if chosen.period not in memory["newest"]:
            raise Refused("nothing is published for this period")
        document = json.loads(verified(memory["newest"][chosen.period], memory["keys"]))
        rows = merged(document, internal)
    except Refused as refused:
        sys.exit(f"refused: {refused}")
    fresh = chosen.memory.with_suffix(".new")
    fresh.write_text(json.dumps(memory), "utf-8")
    fresh.replace(chosen.memory)
    header = document["header"]
    print(f"# {header['evaluation']} {header['state']}")
    if header["correction"]:
        print(f"# corrects {header['correction']['corrects']}: {header['correction']['why']}")
    print("department,internal,external,total")
    for row in rows:
        print(",".join(row))


if __name__ == "__main__":
    main()
