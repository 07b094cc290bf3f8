"""Requests to addresses that strangers chose: none to a machine that only we can reach."""

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.errors import InvalidInput
from app.services import webhook_sender
from app.services.webhook_sender import WebhookSender
from tests.support.gateway import Gateway, running_gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as made:
        yield made


class Names:
    """A name server under an attacker's hand: a list of answers, the last one for good."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def strict(*answers: list[str]) -> WebhookSender:
    return WebhookSender(allow_private=False, resolve=Names(*answers))


async def post(sender: WebhookSender, url: str) -> str:
    return await sender.post(url, headers={}, content=b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "http://scores.example/",
        "ftp://scores.example/",
        "https:///",
        "https://",
        "https://user:word@scores.example/",
        "https://scores.example@127.0.0.1/",
        "https://scores.example/#fragment",
        "https://scores.example:99999/",
        "https://scores.example:0/",
        "https://scores.example\\@127.0.0.1/",
        "https://scores.example/\r\nHost: other",
        "https://[::1/",
        "https://评分.example/",
        "https://" + "x" * 600 + ".example/",
        "//scores.example/",
        "",
    ],
)
async def test_only_plain_https_addresses_are_registered(url: str) -> None:
    with pytest.raises(InvalidInput):
        await strict(["8.8.8.8"]).require_acceptable(url)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:169.254.169.254"], ["fd00:ec2::254"], []],
    ids=str,
)
async def test_a_name_that_leads_inside_is_refused_both_times(addresses: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        await strict(addresses).require_acceptable("https://scores.example/")
    assert [one.code for one in refused.value.faults] == ["address-refused"]
    expected = "address-refused" if addresses else "no-connection"
    assert await post(strict(addresses), "https://scores.example/") == expected


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::1]", "0"]
)
async def test_no_spelling_of_this_machine_passes(host: str) -> None:
    """With the real resolver, which reads them all."""
    with pytest.raises(InvalidInput):
        await WebhookSender(allow_private=False).require_acceptable(f"https://{host}/")


async def test_a_name_that_moves_inside_after_registration_gains_nothing(gateway: Gateway) -> None:
    sender = strict(["8.8.8.8"], ["127.0.0.1"])
    url = f"https://rebind.example:{gateway.server.server_port}/"
    await sender.require_acceptable(url)
    assert await post(sender, url) == "address-refused"
    assert gateway.requests == []


async def test_the_connection_goes_to_the_address_that_was_judged(gateway: Gateway) -> None:
    """One question a request: between judging and connecting the name can't move."""
    names = Names(["127.0.0.1"], ["203.0.113.1"])
    sender = WebhookSender(allow_private=True, resolve=names)
    port = gateway.server.server_port
    assert await post(sender, f"http://scores.example:{port}/minyi?x=1") == ""
    assert names.asked == 1
    [(headers, body)] = gateway.requests
    assert (headers["host"], body) == (f"scores.example:{port}", b"{}")


async def test_a_redirect_is_a_failure_and_not_followed(gateway: Gateway) -> None:
    gateway.status = 302
    sender = WebhookSender(allow_private=True)
    assert await post(sender, gateway.url) == "status-302"
    assert len(gateway.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503])
async def test_a_refusal_is_told_by_its_status(gateway: Gateway, status: int) -> None:
    gateway.status = status
    assert await post(WebhookSender(allow_private=True), gateway.url) == f"status-{status}"


async def test_a_proxy_of_the_environment_is_not_used(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve the name anew, and see the inside."""
    monkeypatch.setenv("HTTP_PROXY", gateway.url)
    monkeypatch.setenv("ALL_PROXY", gateway.url)
    sender = WebhookSender(allow_private=True, resolve=Names(["127.0.0.1"]))
    assert await post(sender, "http://scores.example:9/") == "no-connection"
    assert gateway.requests == []


def certify(folder: Path, name: str) -> Path:
    """Make a certificate for a name, signed by itself; gives the file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


async def test_the_certificate_is_held_against_the_name_not_the_address(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certify(tmp_path, "scores.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setattr(webhook_sender, "_trusted", httpx.create_ssl_context)  # read anew
    sender = WebhookSender(allow_private=True, resolve=Names(["127.0.0.1"]))
    port = gateway.server.server_port
    assert await post(sender, f"https://other.example:{port}/") == "no-connection"
    assert await post(sender, f"https://scores.example:{port}/") == ""
    assert len(gateway.requests) == 1
