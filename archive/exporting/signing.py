"""Signing a WACZ: the anonymous signature of WACZ Auth 0.1.0 (specs.webrecorder.net/wacz-auth/0.1.0).

ECDSA on P-384 over SHA-256, as ArchiveWeb.page signs: the signature is r and s as 48 bytes each, the public
key a DER SubjectPublicKeyInfo, both in base64; what is signed is the digest of `datapackage.json` as it is
written there. Whose key it is must be told by other means (a web page, a letter).
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from archive.errors import ArchiveError

#: Bytes of each of the two numbers of a P-384 signature.
_NUMBER = 48

Key = ec.EllipticCurvePrivateKey


class SigningError(ArchiveError):
    """A key cannot be used; the sentence says why."""


def make_key(path: Path) -> Key:
    """A new private key, written to `path` for its owner's eyes only; never over a file that is there."""
    key = ec.generate_private_key(ec.SECP384R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SigningError(
            f"The key {path} cannot be written ({error.strerror}): choose another file."
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    return key


def load_key(path: Path) -> Key:
    """The private key in the PEM file `path`.

    Raises SigningError for anything but an unencrypted P-384 key.
    """
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningError(
            f"{path} holds no private key that can be read ({error}):"
            f" make one with `--sign {path} --new-key`."
        ) from error
    if not isinstance(key, Key) or not isinstance(key.curve, ec.SECP384R1):
        raise SigningError(
            f"{path} holds a key of another kind: P-384 is needed, as `--sign NEW.pem --new-key` makes it."
        )
    return key


def signed(digest: str, created: str, software: str, key: Key) -> dict[str, str]:
    """The `signedData` of `digest` (`sha256:…`)."""
    r, s = decode_dss_signature(key.sign(digest.encode(), ec.ECDSA(hashes.SHA256())))
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "hash": digest,
        "created": created,
        "software": software,
        "version": "0.1.0",
        "signature": base64.b64encode(r.to_bytes(_NUMBER) + s.to_bytes(_NUMBER)).decode(),
        "publicKey": base64.b64encode(public).decode(),
    }


def signer(digest: str, told: object) -> str | None:
    """The SHA-256 of the public key that signed `digest`, as `sha256:HEX` of its DER form;

    None where `told` is no such signature of it.
    """
    if not isinstance(told, dict):
        return None
    try:
        signature = base64.b64decode(str(told["signature"]), validate=True)
        public = base64.b64decode(str(told["publicKey"]), validate=True)
        key = serialization.load_der_public_key(public)
        if (
            told["hash"] != digest
            or len(signature) != 2 * _NUMBER
            or not isinstance(key, ec.EllipticCurvePublicKey)
        ):
            return None
        r, s = int.from_bytes(signature[:_NUMBER]), int.from_bytes(signature[_NUMBER:])
        key.verify(encode_dss_signature(r, s), digest.encode(), ec.ECDSA(hashes.SHA256()))
    except (KeyError, ValueError, InvalidSignature, UnsupportedAlgorithm):
        return None
    return f"sha256:{hashlib.sha256(public).hexdigest()}"
