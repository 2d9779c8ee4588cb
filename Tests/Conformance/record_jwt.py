"""Writes Tests/Fixtures/jwt/recorded.json: tokens and keys as PyJWT and cryptography make them.

Each token says whether it may count for the key that its `kid` names. Run it again only to add a case:
keys and signatures are new each time.
"""

import base64
import hashlib
import hmac
import json
import pathlib

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

FILE = pathlib.Path(__file__).parent.parent / "Fixtures" / "jwt" / "recorded.json"
CLAIMS = {
    "iss": "https://issuer.example", "sub": "user-1", "aud": "atelier", "iat": 1_700_000_000,
    "nbf": 1_700_000_000, "exp": 4_000_000_000, "email": "ada@example.org", "email_verified": True,
}


def plain(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(header, sign):
    text = ".".join(plain(json.dumps(part).encode()) for part in (header, CLAIMS))
    return f"{text}.{plain(sign(text.encode()))}"


def main():
    keys = {
        "rsa": rsa.generate_private_key(65537, 2048), "rsa-4096": rsa.generate_private_key(65537, 4096),
        "p256": ec.generate_private_key(ec.SECP256R1()), "p384": ec.generate_private_key(ec.SECP384R1()),
        "ed": ed25519.Ed25519PrivateKey.generate(), "weak": rsa.generate_private_key(65537, 1024),
    }
    makers = {"rsa": RSAAlgorithm, "rsa-4096": RSAAlgorithm, "weak": RSAAlgorithm,
              "p256": ECAlgorithm, "p384": ECAlgorithm, "ed": OKPAlgorithm}
    jwks = []
    for name, key in keys.items():
        made = json.loads(makers[name].to_jwk(key.public_key()))
        jwks.append({**made, "kid": name, "use": "sig"})
    pem = keys["rsa"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def signed(name, algorithm, **header):
        return jwt.encode(CLAIMS, keys[name], algorithm, headers={"kid": name, **header})

    tokens = {
        "rs256": (signed("rsa", "RS256"), True),
        "rs256 of 4096 bits": (signed("rsa-4096", "RS256"), True),
        "es256": (signed("p256", "ES256"), True),
        "eddsa": (signed("ed", "EdDSA"), True),
        "another algorithm of the same key": (signed("rsa", "RS384"), False),
        "pss of the same key": (signed("rsa", "PS256"), False),
        "another curve": (signed("p384", "ES384"), False),
        "a key that is too short": (signed("weak", "RS256"), False),
        "the kid of another key": (signed("rsa", "RS256", kid="p256"), False),
        "an extension that must be understood": (signed("rsa", "RS256", crit=["b64"]), False),
        "the public key as a secret": (by_hand(
            {"alg": "HS256", "typ": "JWT", "kid": "rsa"},
            lambda text: hmac.new(pem, text, hashlib.sha256).digest()), False),
        "none": (by_hand({"alg": "none", "kid": "rsa"}, lambda _: b""), False),
        "an empty signature": (by_hand({"alg": "ES256", "kid": "p256"}, lambda _: b""), False),
        "zeros for a signature": (
            by_hand({"alg": "ES256", "kid": "p256"}, lambda _: bytes(64)), False),
    }
    FILE.write_text(json.dumps({
        "keys": jwks,
        "tokens": [{"name": name, "token": token, "counts": counts}
                   for name, (token, counts) in tokens.items()]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
