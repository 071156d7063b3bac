"""Public keys: whether a text is one, its fingerprint, and new pairs.

Imported when the first key comes: `cryptography` would slow down the start of every program.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from minicloud.errors import InvalidKeyPair
from minicloud.zones.key_pairs import X509

_BITS: Final = 2048
_DAYS: Final = 3650
_COMMENT: Final = "Generated-by-minicloud"
_PRINCIPAL_NAME: Final = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")  # Microsoft's, for WinRM
_MOST_NAME_BYTES: Final = 64  # of a certificate's common name
_UTF8_STRING: Final = 0x0C  # DER


@dataclass(frozen=True)
class Keys:
    public_key: str
    fingerprint: str
    private_key: str | None = None


def given(kind: str, text: str) -> Keys:
    """A public key that somebody brings. InvalidKeyPair."""
    return Keys(text, _certificate_print(text) if kind == X509 else _ssh_print(text))


def made(kind: str, user_id: str, now: datetime) -> Keys:
    """A new pair."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    if kind == X509:
        certificate = _certificate(private, user_id, now)
        return Keys(certificate, _certificate_print(certificate), _pem(private))
    public = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    text = f"{public.decode()} {_COMMENT}"
    return Keys(text, _ssh_print(text), _pem(private, serialization.PrivateFormat.OpenSSH))


def _ssh_print(text: str) -> str:
    """The MD5 that `ssh-keygen -E md5 -l` prints."""
    try:
        serialization.load_ssh_public_key(text.encode())
        data = base64.b64decode(text.split(None, 2)[1])
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise InvalidKeyPair("failed to generate fingerprint") from None
    return hashlib.md5(data, usedforsecurity=False).digest().hex(":")


def _certificate_print(text: str) -> str:
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
        certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        reason = f"failed to generate X509 fingerprint. Error message: {str(error)[:200]}"
        raise InvalidKeyPair(reason) from None
    return certificate.fingerprint(hashes.SHA1()).hex(":")


def _pem(
    private: rsa.RSAPrivateKey,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
) -> str:
    pem = serialization.Encoding.PEM
    return private.private_bytes(pem, form, serialization.NoEncryption()).decode()


def _certificate(private: rsa.RSAPrivateKey, user_id: str, now: datetime) -> str:
    """Signed by itself: to log in as the user with a certificate, as WinRM allows it."""
    common = user_id.encode()[:_MOST_NAME_BYTES].decode(errors="ignore") or "user"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    principal = f"{common}@localhost".encode()
    other = x509.OtherName(_PRINCIPAL_NAME, bytes([_UTF8_STRING, len(principal)]) + principal)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(usage, critical=False)
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
