import base64
import datetime

from app.domain.clients.deliveries import MOST_TRIES, pause_after, signed_headers, write_secret


def test_the_published_example_of_standard_webhooks_is_signed_alike() -> None:
    """From the test suite of the reference libraries (github.com/standard-webhooks)."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.datetime.fromtimestamp(1614265330, datetime.UTC)
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert write_secret(secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_pauses_grow_and_end() -> None:
    pauses = [pause_after(tries, 0.0) for tries in range(1, MOST_TRIES + 1)]
    assert pauses.pop() is None
    seconds = [one.total_seconds() for one in pauses if one]
    assert seconds[:4] == [10, 40, 160, 640]
    assert seconds == sorted(seconds)
    assert 20 * 3600 < sum(seconds) < 30 * 3600


def test_chance_shortens_a_pause_by_half_at_most() -> None:
    found = [pause_after(3, fraction) for fraction in (0.0, 0.5, 1.0)]
    assert [one.total_seconds() for one in found if one] == [160, 120, 80]
