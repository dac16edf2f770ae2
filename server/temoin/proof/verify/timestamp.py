"""RFC 3161 time-stamps: that a token is about these bytes, signed by the certificate in it, and whom that leads to.

Written from RFC 3161, RFC 5652 (CMS) and RFC 5035 (signing certificate). The chain to a certificate that the auditor
trusts is built by rfc3161-client (OpenSSL). Everything raises ValueError with words for people.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import VerifierBuilder, decode_timestamp_response

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When, by the authority's clock, and by whom (the name in its certificate)."""

    moment: datetime
    signer: str


def check_token(response: bytes, imprint: bytes) -> Stamp:
    """That a response (DER) is a granted time-stamp of the SHA-256 `imprint`, signed by the certificate in it."""
    try:
        return _check(response, imprint)
    except ValueError:
        raise
    except Exception as error:  # the libraries that read certificates have many errors of their own
        raise ValueError(f"it is not a time-stamp as RFC 3161 has it ({error!r})") from error


def check_chain(response: bytes, imprint: bytes, trusted_pem: bytes) -> None:
    """That the token's signer is one of the certificates in `trusted_pem`, or that one of those vouches for it."""
    try:
        trusted = x509.load_pem_x509_certificates(trusted_pem)
    except ValueError as error:
        raise ValueError("the file given as --tsa-certificate holds no certificate in PEM form") from error
    signer = _signer_certificate(_signed_data(response))
    if signer in trusted:
        return
    try:
        VerifierBuilder(roots=trusted).build().verify(decode_timestamp_response(response), imprint)
    except Exception as error:  # its own errors, and those of the libraries that read certificates
        raise ValueError(
            f"its certificate ({signer.subject.rfc4514_string()}) does not lead to the one that you gave: {error}"
        ) from error


def _check(response: bytes, imprint: bytes) -> Stamp:
    signed = _signed_data(response)
    content = signed["encap_content_info"]
    if content["content_type"].native != "tst_info":
        raise ValueError("it holds no time-stamp")
    info = content["content"].parsed
    stamped = info["message_imprint"]
    if stamped["hash_algorithm"]["algorithm"].native != "sha256" or stamped["hashed_message"].native != imprint:
        raise ValueError("it is a time-stamp of other bytes than this checkpoint")
    certificate = _signer_certificate(signed)
    _check_signature(signed["signer_infos"][0], certificate, content["content"].contents)
    moment: datetime = info["gen_time"].native
    _check_certificate(certificate, moment)
    return Stamp(moment, certificate.subject.rfc4514_string())


def _signed_data(response: bytes) -> Any:
    try:
        parsed = tsp.TimeStampResp.load(response, strict=True)
        if parsed["status"]["status"].native not in ("granted", "granted_with_mods"):
            raise ValueError("the authority did not grant it")
        token = parsed["time_stamp_token"]
        if token["content_type"].native != "signed_data" or len(token["content"]["signer_infos"]) != 1:
            raise ValueError("it is not signed by exactly one authority")
    except _BROKEN as error:
        raise ValueError(f"it is not a time-stamp as RFC 3161 has it ({error})") from error
    return token["content"]


def _signer_certificate(signed: Any) -> x509.Certificate:
    """The certificate in the token that its signer names by issuer and serial number."""
    sid = signed["signer_infos"][0]["sid"]
    for choice in signed["certificates"] if isinstance(signed["certificates"], cms.CertificateSet) else ():
        own = choice.chosen
        if sid.name != "issuer_and_serial_number" or choice.name != "certificate":
            continue
        if (own.issuer, own.serial_number) == (sid.chosen["issuer"], sid.chosen["serial_number"].native):
            return x509.load_der_x509_certificate(own.dump())
    raise ValueError("its signer's certificate is not in it")


def _check_signature(signer: Any, certificate: x509.Certificate, content: bytes) -> None:
    """RFC 5652, section 5.4: the signed attributes bind the content, the signature binds the attributes."""
    name = signer["digest_algorithm"]["algorithm"].native
    if name not in _HASHES:
        raise ValueError(f"its hash function {name} is not one to rely on")
    attributes = _attributes(signer["signed_attrs"])
    if attributes["content_type"].native != "tst_info":
        raise ValueError("its signature is over something else than a time-stamp")
    if attributes["message_digest"].native != hashlib.new(name, content).digest():
        raise ValueError("its contents are not what its authority signed")
    _check_named(attributes, certificate)
    # The attributes are signed under the tag of a SET, whatever tag they are carried with.
    message = b"\x31" + signer["signed_attrs"].dump()[1:]
    try:
        _verify(certificate.public_key(), signer, signer["signature"].native, message, _HASHES[name])
    except InvalidSignature as error:
        raise ValueError("its signature is wrong") from error


def _attributes(attributes: Any) -> dict[str, core.Asn1Value]:
    found: dict[str, core.Asn1Value] = {}
    for attribute in attributes:
        name = attribute["type"].native
        if name in found or len(attribute["values"]) != 1:
            raise ValueError(f"its signed attribute {name} stands twice")
        found[name] = attribute["values"][0]
    return found


def _check_named(attributes: dict[str, Any], certificate: x509.Certificate) -> None:
    """RFC 3161, section 2.4.2: the signature names the certificate that it is to be verified with."""
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"]["certs"][0]
        fits = certificate.fingerprint(_HASHES[named["hash_algorithm"]["algorithm"].native])
    elif "signing_certificate" in attributes:
        named = attributes["signing_certificate"]["certs"][0]
        fits = certificate.fingerprint(hashes.SHA1())  # noqa: S303  # what RFC 3161 itself says for this attribute
    else:
        raise ValueError("its signature does not name its certificate")
    if named["cert_hash"].native != fits:
        raise ValueError("its signature names another certificate than the one in it")


def _verify(key: object, signer: Any, signature: bytes, message: bytes, digest: hashes.HashAlgorithm) -> None:
    kind = signer["signature_algorithm"].signature_algo
    if isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
        key.verify(signature, message, ec.ECDSA(digest))
    elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pkcs1v15":
        key.verify(signature, message, padding.PKCS1v15(), digest)
    elif isinstance(key, rsa.RSAPublicKey) and kind == "rsassa_pss":
        key.verify(signature, message, padding.PSS(padding.MGF1(digest), padding.PSS.AUTO), digest)
    else:
        raise ValueError(f"its signature is of a kind that is not known here ({kind})")


def _check_certificate(certificate: x509.Certificate, moment: datetime) -> None:
    """RFC 3161, section 2.3: a certificate for time-stamping and nothing else, in force at that time."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound as error:
        raise ValueError("its certificate is not one for time-stamping") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise ValueError("its certificate is not one for time-stamping alone")
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise ValueError("its certificate was not in force at the time that it states")
