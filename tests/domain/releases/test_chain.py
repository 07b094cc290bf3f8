"""The chain of releases: what may follow, what a correction says, and what verifying finds."""

import datetime
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.releases import signing
from app.domain.releases.canonical import canonical
from app.domain.releases.chain import Link, add_release, read_link, verify_chain
from app.domain.releases.disclosure import control
from app.domain.releases.document import Figures, State
from app.errors.releases import ReleaseRefused, ReleaseUnverified, SignatureRefused
from tests.support.figures import a_town, figures_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {signing.key_id(KEY.public_key().public_bytes_raw()): KEY.public_key().public_bytes_raw()}
NOON = datetime.datetime(2026, 12, 5, 4, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def figures() -> Figures:
    return control(figures_of(a_town(1)))


@pytest.fixture(scope="module")
def others() -> Figures:
    return control(figures_of(a_town(2)))


def chain_of(*made: tuple[State, Figures]) -> list[Link]:
    links: list[Link] = []
    for number, (state, figures) in enumerate(made):
        at = NOON + datetime.timedelta(days=number)
        links.append(add_release(links, figures, state=state, at=at, why="answers were copied"))
    return links


def signed(links: Sequence[Link]) -> list[str]:
    return [signing.sign(link.payload, KEY) for link in links]


def test_a_release_names_its_predecessor_and_what_it_corrects(
    figures: Figures, others: Figures
) -> None:
    links = chain_of(("provisional", figures), ("final", figures), ("corrected", others))
    header = links[2].release.header
    assert header.release == "town.3"
    assert header.previous
    assert header.previous.digest == hashlib.sha256(links[1].payload).hexdigest()
    assert header.correction
    assert header.correction.corrects == "town.2"
    assert header.correction.why == "answers were copied"
    assert header.correction.changed.startswith("indices: D0 D1")
    assert verify_chain(signed(links), KEYS) == links


def test_a_correction_that_changes_one_department_names_it(figures: Figures) -> None:
    change = {"value": Decimal(12), "unweighted": Decimal(12)}
    indices = [
        one.model_copy(update=change) if one.department == "D3" else one for one in figures.indices
    ]
    links = chain_of(
        ("final", figures), ("corrected", figures.model_copy(update={"indices": tuple(indices)}))
    )
    correction = links[1].release.header.correction
    assert correction
    assert correction.changed == "indices: D3"


@pytest.mark.parametrize(
    "states",
    [("corrected",), ("final", "final"), ("final", "provisional"), ("provisional", "corrected")],
)
def test_states_follow_each_other(figures: Figures, states: Sequence[State]) -> None:
    with pytest.raises(ReleaseRefused):
        chain_of(*((state, figures) for state in states))


def test_days_either_are_those_of_another_release_or_lie_outside(figures: Figures) -> None:
    def in_days(first: int, last: int) -> Figures:
        days = {
            "first": datetime.date(2026, 11, first),
            "last": datetime.date(2026, 11, last),
        }
        return figures.model_copy(update={"period": figures.period.model_copy(update=days)})

    links = chain_of(("final", in_days(1, 10)), ("final", in_days(11, 20)))
    assert verify_chain(signed(links), KEYS) == links
    with pytest.raises(ReleaseRefused, match="overlap"):
        add_release(links, in_days(10, 25), state="final", at=NOON)


def test_a_chain_with_a_gap_or_another_link_is_found(figures: Figures, others: Figures) -> None:
    links = chain_of(("provisional", figures), ("final", figures), ("corrected", others))
    elsewhere = chain_of(("provisional", others), ("final", figures))
    for wrong, code in [
        ([links[0], links[2]], "gap"),
        (links[1:], "gap"),
        ([elsewhere[0], *links[1:]], "other-predecessor"),
    ]:
        with pytest.raises(ReleaseUnverified) as refused:
            verify_chain(signed(wrong), KEYS)
        assert refused.value.faults[0].code == code


def altered(link: Link, path: Sequence[str | int], value: object) -> bytes:
    content = json.loads(link.payload)
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return canonical(content)


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("header", "release"), "town.7", "misnamed"),
        (("header", "previous"), None, "first"),
        (("header", "correction", "changed"), "no figure", "other-correction"),
        (("header", "state"), "provisional", "release-refused"),
    ],
)
def test_a_city_that_signs_something_wrong_is_found(
    figures: Figures, others: Figures, path: Sequence[str], value: object, code: str
) -> None:
    links = chain_of(("final", figures), ("corrected", others))
    forged = [links[0].payload, altered(links[1], path, value)]
    with pytest.raises(ReleaseUnverified) as refused:
        verify_chain([signing.sign(payload, KEY) for payload in forged], KEYS)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_an_altered_or_unknown_signature_is_refused(figures: Figures) -> None:
    link = chain_of(("final", figures))[0]
    (jws,) = signed([link])
    with pytest.raises(SignatureRefused):
        verify_chain([jws], {})
    other = signing.sign(altered(link, ("figures", "minimum_n"), 1), KEY)
    mixed = ".".join([*other.split(".")[:2], jws.split(".")[2]])
    with pytest.raises(SignatureRefused):
        verify_chain([mixed], KEYS)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"\xff", b'{"header":1}'])
def test_what_is_no_release_is_refused(payload: bytes) -> None:
    with pytest.raises(ReleaseUnverified):
        read_link(payload)


def test_bytes_that_are_not_canonical_are_refused(figures: Figures) -> None:
    link = chain_of(("final", figures))[0]
    with pytest.raises(ReleaseUnverified, match="canonical"):
        read_link(json.dumps(json.loads(link.payload), indent=1).encode())
