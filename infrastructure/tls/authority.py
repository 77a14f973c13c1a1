"""A certificate authority of the service's own, and the certificates it issues. Pure but for
the keys it draws; files are `certificates`' business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AUTHORITY_LIFETIME = timedelta(days=3650)
_SERVER_LIFETIME = timedelta(days=365)
_CLOCK_SKEW = timedelta(hours=1)
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A certificate and its private key. The key shows in no repr."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return f"Certified({self.certificate.subject.rfc4514_string()})"


def new_authority(now: datetime) -> Certified:
    """An authority that may issue certificates for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named("Lab Resource Manager")
    builder = (
        _begun(now, _AUTHORITY_LIFETIME, name, key.public_key())
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    )
    return Certified(certificate=builder.sign(key, hashes.SHA256()), key=key)


def new_server(authority: Certified, hosts: Sequence[str], now: datetime) -> Certified:
    """A server's certificate for these names and addresses: for a year, but never longer than
    its authority's."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    lifetime = min(_SERVER_LIFETIME, issuer.not_valid_after_utc - now)
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    server_auth = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        _begun(now, lifetime, _named(hosts[0]), key.public_key())
        .issuer_name(issuer.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(server_auth, critical=False)
        .add_extension(names, critical=False)
        .add_extension(by, critical=False)
    )
    return Certified(certificate=builder.sign(authority.key, hashes.SHA256()), key=key)


def serves(certificate: x509.Certificate, hosts: Sequence[str]) -> bool:
    """Whether the certificate is one for all of these names and addresses."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return {_alternative(host) for host in hosts} <= set(found.value)


def certificate_text(certificate: x509.Certificate) -> str:
    """The certificate in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The private key in PEM, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")


def _begun(
    now: datetime, lifetime: timedelta, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(identifier, critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _usage(*meant: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in meant for usage in _USAGES})


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
