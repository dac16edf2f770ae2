"""Receipts: every field that ISO/IEC TS 27560 and Kantara 1.1 require, from a record and its version alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import rfc8785
from pyld import jsonld

from temoin.banner import version
from temoin.consent.decision import Decision
from temoin.consent.record import ConsentDraft
from temoin.proof.entry import Entry, LoggedEntry
from temoin.proof.receipt import consent_receipt
from temoin.site import SiteConfig
from tests.made import decision, site_config

NOW = datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=UTC)


def frozen(**changes: object) -> bytes:
    return version.freeze(msgspec.convert(site_config(**changes), SiteConfig))


def decided(config: bytes, before: Entry | None = None, **changes: object) -> Entry:
    made = msgspec.convert(decision(hashlib.sha256(config).hexdigest()[:16], **changes), Decision)
    last = None
    if before is not None:
        last = LoggedEntry(0, before.id, before.kind, before.subject, before.body, before.commitment)
    return ConsentDraft("boutique", made, "P13M", NOW).follow(last)


def receipt_of(config: bytes, **changes: Any) -> dict[str, Any]:
    return consent_receipt(decided(config, **changes).body, config)


def states(receipt: dict[str, Any]) -> dict[str, str]:
    """What became of each purpose."""
    return {
        process["dpv:hasPurpose"]["dct:identifier"]: process["dpv:hasConsentStatus"]["@type"][0]
        for process in receipt["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    }


def test_the_fields_that_iso_27560_requires_are_there() -> None:
    receipt = receipt_of(frozen())
    record = receipt["dpv:hasRecordOfActivity"]
    assert receipt["@type"] == "dpv:ConsentReceipt"
    assert receipt["dct:conformsTo"].startswith("https://w3id.org/dpv/schema/dpv-27560#receipt")
    assert receipt["dct:identifier"] != record["dct:identifier"]
    for field in (
        *("dct:identifier", "dct:conformsTo", "dct:language", "dpv:hasDataSubject", "dpv:hasNotice", "dct:valid"),
        *("dpv:hasDataController", "dpv:hasEntity", "dpv:hasJurisdiction", "dpv:hasConsentControl", "dpv:hasProcess"),
        *("dpv:hasLegalBasis", "dpv:hasRight", "dpv:hasAuthority"),  # asked for by the GDPR
    ):
        assert record[field], field
    for process in record["dpv:hasProcess"]:
        for field in ("dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasRecipient", "dpv:hasDataSource"):
            assert process[field], field
        conditions = [condition["@type"] for condition in process["dpv:hasStorageCondition"]]
        assert {"dpv:StorageLocation", "dpv:StorageDuration"} <= set(conditions)
        status = process["dpv:hasConsentStatus"]
        assert status["@type"][1] == "dpv:ExpressedConsent"
        assert status["dpv:isIndicatedAtTime"] == "2026-11-21T08:15:30.123Z"
        for field in ("dpv:isIndicatedBy", "dpv:hasDuration", "dpv:hasIndicationMethod"):
            assert status[field], field
    (controller,) = (party for party in record["dpv:hasEntity"] if party["dct:identifier"] == "site")
    assert {"dpv:hasName", "dpv:hasAddress", "dpv:hasContact", "@type"} <= set(controller)


def test_the_fields_that_kantara_requires_are_there() -> None:
    receipt = receipt_of(frozen())["kantara"]
    assert receipt["version"] == "KI-CR-v1.1.0"
    assert receipt["consentTimestamp"] == int(NOW.timestamp())
    for field in (
        *("jurisdiction", "collectionMethod", "consentReceiptID", "language", "piiPrincipalId", "policyUrl"),
        *("piiControllers", "services"),
    ):
        assert receipt[field], field
    assert (receipt["sensitive"], receipt["spiCat"]) == (False, [])
    assert receipt["piiControllers"][0]["email"] == "dpo@shop.test"
    (purpose,) = receipt["services"][0]["purposes"]
    assert purpose["purposeCategory"] == ["audience"]
    assert (purpose["thirdPartyDisclosure"], purpose["thirdPartyName"]) == (True, "Stats SAS")
    assert {"purpose", "consentType", "piiCategory", "primaryPurpose", "termination"} <= set(purpose)


def test_every_term_has_its_vocabulary_in_the_context() -> None:
    receipt = receipt_of(frozen())
    context = receipt.pop("@context")
    assert context["record"]["@type"] == context["kantara"]["@type"] == "@json"
    del receipt["record"], receipt["kantara"]
    for term in names(receipt):
        assert term.startswith("@") or term.partition(":")[0] in context, term


def names(value: object) -> Iterator[str]:
    """Keys, and values that are terms, wherever they stand."""
    if isinstance(value, list):
        for each in value:
            yield from names(each)
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            if key == "@type":
                yield from ([each] if isinstance(each, str) else each)
            else:
                yield from names(each)


def test_a_json_ld_processor_reads_all_of_a_receipt_as_terms_of_the_vocabularies() -> None:
    config = frozen()
    receipt = consent_receipt(decided(config, decided(config)).body, config)
    expanded = jsonld.expand(receipt, {"documentLoader": _closed})
    assert set(_used(expanded)) - {"@json"} == {
        f"{receipt['@context'][prefix]}{name}"
        for term in names(
            {key: value for key, value in receipt.items() if key not in ("@context", "kantara", "record")}
        )
        if not term.startswith("@")
        for prefix, name in [term.split(":")]
    } | {"urn:temoin:terms:kantara", "urn:temoin:terms:record"}
    again = jsonld.compact(expanded, receipt["@context"], {"compactArrays": False, "documentLoader": _closed})
    del receipt["@context"], again["@context"]
    assert _alike(again["@graph"][0] if "@graph" in again else again) == _alike(receipt)  # nothing was dropped
    (record,) = expanded[0]["https://w3id.org/dpv#hasRecordOfActivity"]
    assert record["https://w3id.org/dpv#hasLegalBasis"] == [
        {"@id": "https://w3id.org/dpv#Consent"},
        {"@id": "https://w3id.org/dpv/legal/eu/gdpr#A6-1-a"},
    ]
    (until,) = record["http://purl.org/dc/terms/valid"]
    assert until["@type"] == "http://www.w3.org/2001/XMLSchema#dateTime"


def _closed(url: str, _options: object) -> dict[str, Any]:
    raise AssertionError(f"a receipt needs no network, and asked for {url}")


def _used(value: object) -> Iterator[str]:
    """Every property and type in an expanded document."""
    if isinstance(value, list):
        for each in value:
            yield from _used(each)
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "@type" and "@value" not in value:
                yield from each
            elif not key.startswith("@"):
                yield key
                yield from _used(each)


def _alike(value: object) -> object:
    """One form for what JSON-LD takes for the same: one value and a list of it, a reference and its address."""
    if isinstance(value, list):
        return [_alike(each) for each in value]
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            return value["@id"]
        alike = {key: _alike(each) for key, each in value.items() if each is not None}
        return {key: each if isinstance(each, list) else [each] for key, each in alike.items() if each != []}
    return value


@pytest.mark.parametrize(
    ("action", "choices", "expected"),
    [
        ("accept_all", {"audience": True, "ads": True}, {"ConsentGiven"}),
        ("refuse_all", {"audience": False, "ads": False}, {"ConsentRefused"}),
        ("save", {"audience": True, "ads": False}, {"ConsentGiven", "ConsentRefused"}),
    ],
)
def test_each_purpose_says_what_became_of_it(action: str, choices: dict[str, bool], expected: set[str]) -> None:
    receipt = receipt_of(frozen(), action=action, choices=choices)
    assert {state.removeprefix("dpv:") for state in states(receipt).values()} == expected
    granted = [purpose["purposeCategory"] for purpose in receipt["kantara"]["services"][0]["purposes"]]
    assert granted == [[purpose] for purpose, yes in choices.items() if yes]


def test_a_withdrawal_is_called_one() -> None:
    config = frozen()
    first = decided(config)
    refused = {"audience": False, "ads": False}
    withdrawn = decided(config, first, action="withdraw", choices=refused)
    assert set(states(consent_receipt(withdrawn.body, config)).values()) == {"dpv:ConsentWithdrawn"}


def test_a_receipt_speaks_the_language_of_the_banner() -> None:
    for language, title in (("fr", "Mesure d’audience"), ("en", "Audience measurement")):
        record = receipt_of(frozen(), language=language)["dpv:hasRecordOfActivity"]
        assert record["dpv:hasProcess"][0]["dpv:hasPurpose"]["dct:title"] == {"@value": title, "@language": language}
        assert record["dpv:hasConsentControl"]["dct:title"].strip(" –")


def test_a_receipt_holds_what_its_commitment_was_made_of() -> None:
    receipt = receipt_of(frozen())
    assert hashlib.sha256(rfc8785.dumps(receipt["record"])).hexdigest() == receipt["temoin:commitment"]


def test_a_receipt_is_the_same_each_time_and_only_with_its_own_version() -> None:
    config, other = frozen(), frozen(choice_validity="P6M")
    body = decided(config).body
    assert consent_receipt(body, config) == consent_receipt(body, config)
    with pytest.raises(ValueError, match="names the version"):
        consent_receipt(body, other)


def test_purposes_without_trackers_and_companies_that_are_the_site_itself_have_complete_receipts() -> None:
    own = site_config()["trackers"][0] | {"controller": "Boutique de démonstration", "cookies": [], "match": []}
    receipt = receipt_of(frozen(trackers=[own]), action="accept_all", choices={"audience": True, "ads": True})
    audience, ads = receipt["dpv:hasRecordOfActivity"]["dpv:hasProcess"]
    assert audience["dpv:hasRecipient"] == [{"@id": "urn:temoin:party:site"}]
    assert ads["dpv:hasRecipient"] == []
    for process in (audience, ads):
        assert process["dpv:hasPersonalData"] == ["dpv:PersonalData"]
        assert len(process["dpv:hasStorageCondition"]) == 2
    assert [each["thirdPartyDisclosure"] for each in receipt["kantara"]["services"][0]["purposes"]] == [False, False]
