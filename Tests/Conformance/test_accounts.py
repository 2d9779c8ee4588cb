"""Tokens by PyJWT: what it signs counts at the gateway as it should, and it reads what the gateway signs."""

import http.server
import json
import pathlib
import threading
import time
import urllib.error
import urllib.request

import jwt
import live_stack
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

RECORDED = json.loads(
    (pathlib.Path(__file__).parent.parent / "Fixtures/jwt/recorded.json").read_text())
SECRET = "a secret of the tests, long enough for HS256"
KINDS = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def private_keys():
    return {
        "RS256": rsa.generate_private_key(65537, 2048), "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate()}


class Issuer:
    """An issuer of tokens: its keys, named by their algorithm and a number, over HTTP."""

    def __init__(self):
        self.generation, self.keys, self.asked = 1, private_keys(), 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(issuer.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path):
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": self.url + "/jwks"}
        self.asked += 1
        return {"keys": [
            {**json.loads(KINDS[name].to_jwk(key.public_key())), "kid": self.kid(name), "use": "sig"}
            for name, key in self.keys.items()]}

    def kid(self, name):
        return f"{name}-{self.generation}"

    def sign(self, algorithm, key=None, kid=None, **changes):
        claims = {
            "iss": self.url, "aud": "atelier", "sub": f"person-{algorithm}", "iat": int(time.time()),
            "exp": int(time.time()) + 300} | changes
        return jwt.encode(
            claims, key or self.keys[algorithm], algorithm, headers={"kid": kid or self.kid(algorithm)})


@pytest.fixture(scope="module")
def issuer():
    made = Issuer()
    yield made
    made.server.shutdown()


@pytest.fixture(scope="module")
def stack(issuer):
    if not live_stack.programs():
        pytest.skip("no executables")
    setting = json.dumps([{"issuer": issuer.url, "audience": "atelier"}])
    with live_stack.Stack(SECRET_KEY=SECRET, ATELIER_ISSUERS=setting) as running:
        yield running


def ask(stack, path, token=None, body=None):
    """Status and JSON of an answer."""
    request = urllib.request.Request(stack.url + "/api/v1" + path)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


@pytest.mark.parametrize("case", RECORDED["tokens"], ids=lambda case: case["name"])
def test_recorded(case):
    """PyJWT, told which algorithms to take, judges the recorded tokens as we do."""
    keys = {key["kid"]: key for key in RECORDED["keys"]}
    try:
        kid = jwt.get_unverified_header(case["token"])["kid"]
        key = jwt.PyJWK(keys[kid])
        assert getattr(key.key, "key_size", 2048) != 1024, "shorter than RFC 7518 asks"
        jwt.decode(
            case["token"], key, algorithms=["RS256", "ES256", "EdDSA"], audience="atelier")
        counts = True
    except (jwt.PyJWTError, AssertionError, TypeError):
        counts = False
    assert counts == case["counts"]


def test_ours(stack):
    """PyJWT reads our tokens, and those it signs with our key and our claims count, no others."""
    account = {"email": "ada@example.org", "password": "correct horse battery", "name": "Ada"}
    assert ask(stack, "/auth/register", body=account)[0] == 201
    status, tokens = ask(stack, "/auth/login", body=account)
    assert status == 200
    ours = tokens["access_token"]
    claims = jwt.decode(ours, SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == tokens["expires_in"]
    kid = jwt.get_unverified_header(ours)["kid"]

    def status_of(key, algorithm="HS256", header=None, **changes):
        token = jwt.encode(claims | changes, key, algorithm, headers={"kid": kid} | (header or {}))
        return ask(stack, "/auth/me", token)[0]

    assert status_of(SECRET) == 200
    assert status_of(SECRET, role="admin") == 200
    assert ask(stack, "/admin/users", jwt.encode(
        claims | {"role": "admin"}, SECRET, "HS256", headers={"kid": kid}))[0] == 403
    assert status_of(SECRET, exp=int(time.time()) - 1) == 401
    assert status_of(SECRET, sub="usr_nobody") == 401
    assert status_of(SECRET, sid="sgn_none") == 401
    assert status_of(SECRET, gen=claims["gen"] + 1) == 401
    assert status_of(SECRET, header={"kid": "other"}) == 401
    assert status_of("another secret that is long enough too") == 401
    assert status_of(SECRET, "HS384") == 401
    assert status_of(None, "none") == 401
    assert ask(stack, "/auth/logout", ours, body={})[0] == 204
    assert ask(stack, "/auth/me", ours)[0] == 401
    assert ask(stack, "/auth/refresh", body={"refresh_token": tokens["refresh_token"]})[0] == 401


@pytest.mark.parametrize("algorithm", KINDS)
def test_outside(stack, issuer, algorithm):
    """An issuer's tokens make an account, once, and are judged by key, audience, issuer and time."""
    status, person = ask(stack, "/auth/me", issuer.sign(algorithm))
    assert status == 200 and person["role"] == "user"
    assert ask(stack, "/auth/me", issuer.sign(algorithm))[1]["id"] == person["id"]
    now = int(time.time())
    for changes in (
            {"aud": "another"}, {"iss": issuer.url + "/"}, {"exp": now - 120}, {"nbf": now + 600},
            {"iat": now + 600}, {"sub": ""}):
        assert ask(stack, "/auth/me", issuer.sign(algorithm, **changes))[0] == 401, changes
    assert ask(stack, "/auth/me", issuer.sign(algorithm, exp=now - 30))[0] == 200, "clocks differ"
    stranger = private_keys()[algorithm]
    assert ask(stack, "/auth/me", issuer.sign(algorithm, key=stranger))[0] == 401
    for other in set(KINDS) - {algorithm}:
        token = issuer.sign(algorithm, kid=issuer.kid(other))
        assert ask(stack, "/auth/me", token)[0] == 401, "another key's name"


def test_confusion(stack, issuer):
    """The public key is no secret, and other algorithms of the same key are none of ours."""
    import base64
    import hashlib
    import hmac

    public = issuer.keys["RS256"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    body = issuer.sign("RS256").split(".")[1]
    header = base64.urlsafe_b64encode(
        json.dumps({"alg": "HS256", "kid": issuer.kid("RS256")}).encode()).rstrip(b"=").decode()
    mac = hmac.new(public, f"{header}.{body}".encode(), hashlib.sha256).digest()
    forged = f"{header}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert ask(stack, "/auth/me", forged)[0] == 401
    for algorithm in ("RS384", "RS512", "PS256"):
        token = issuer.sign(algorithm, key=issuer.keys["RS256"], kid=issuer.kid("RS256"))
        assert ask(stack, "/auth/me", token)[0] == 401, algorithm


def test_unknown_keys(stack, issuer):
    """Tokens of keys that nobody has do not make the gateway ask the issuer for each of them."""
    assert ask(stack, "/auth/me", issuer.sign("EdDSA"))[0] == 200
    asked = issuer.asked
    for number in range(20):
        token = issuer.sign("EdDSA", key=ed25519.Ed25519PrivateKey.generate(), kid=f"made-up-{number}")
        assert ask(stack, "/auth/me", token)[0] == 401
    assert issuer.asked - asked <= 1
