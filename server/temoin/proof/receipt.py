"""The visitor's receipt: a record in the fields of ISO/IEC TS 27560:2023, as JSON-LD with terms of W3C's DPV 2.

The mapping is that of W3C's guide "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (profile
dpv-27560, with the fields that the GDPR asks for), extended by what proves the record: its very fields (`record`),
their commitment, and where its inclusion proof is. The same decision in Kantara's form stands in `kantara`. A receipt
follows from the record and the version alone, so it is the same whenever and by whomever it is made.

What no configuration knows is not made up: a tracker's company has its name, role and policy, and no postal address.
The jurisdiction is the European Union, whose law this product is made for.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec
import orjson

from temoin.canonical import sha256_hex
from temoin.proof.kantara import kantara_receipt, personal_data
from temoin.proof.parties import Party, in_language, site_party, tracker_party, trackers_of
from temoin.site import PublishedConfig, Purpose

MEDIA = "application/ld+json"
PROFILE = "https://w3id.org/dpv/schema/dpv-27560#receipt-eu-gdpr"
RECORD_PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"

_CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "temoin": "urn:temoin:terms:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    # Strings under these are no text: a JSON-LD processor reads terms, addresses and times.
    **{
        term: {"@type": "@id"}
        for term in (
            *(
                "dct:conformsTo",
                "dpv:hasApplicableLaw",
                "dpv:hasDataSource",
                "dpv:hasJurisdiction",
                "dpv:hasLegalBasis",
            ),
            *("dpv:hasPersonalData", "dpv:isExercisedAt"),
        )
    },
    "dct:valid": {"@type": "xsd:dateTime"},
    "dpv:isIndicatedAtTime": {"@type": "xsd:dateTime"},
    "record": {"@id": "temoin:record", "@type": "@json"},
    "kantara": {"@id": "temoin:kantara", "@type": "@json"},
}
_ROLES = {
    "site": ["dpv:DataController"],
    "controller": ["dpv:DataController", "dpv:Recipient"],
    "joint_controller": ["dpv:JointDataControllers", "dpv:Recipient"],
    "processor": ["dpv:DataProcessor", "dpv:Recipient"],
}


def consent_receipt(body: bytes, config_body: bytes) -> dict[str, Any]:
    """The receipt of a consent record, both given as the canonical bytes that were hashed.

    Raises ValueError where the record names another version.
    """
    record = orjson.loads(body)
    if record["config"] != sha256_hex(config_body)[:16]:
        raise ValueError(f"the record names the version {record['config']}, not this one")
    config = msgspec.json.decode(config_body, type=PublishedConfig)
    receipt_id = str(uuid.uuid5(uuid.UUID(record["id"]), "temoin.receipt/1"))
    return {
        "@context": _CONTEXT,
        "@id": f"urn:uuid:{receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": receipt_id,
        "dct:conformsTo": PROFILE,
        "dct:language": record["language"],
        "dpv:hasRecordOfActivity": _record(record, config, config_body),
        "temoin:commitment": hashlib.sha256(body).hexdigest(),
        "temoin:inclusionProof": f"/v1/sites/{record['site']}/consents/{record['id']}/proof",
        "record": record,
        "kantara": kantara_receipt(receipt_id, record, config),
    }


def _record(record: dict[str, Any], config: PublishedConfig, config_body: bytes) -> dict[str, Any]:
    language = record["language"]
    parties = {(party := site_party(config, language)).id: party}
    asked = [purpose for purpose in config.purposes if purpose.id in record["choices"]]
    for purpose in asked:
        found = (tracker_party(tracker, config, language) for tracker in trackers_of(config, purpose))
        parties |= {party.id: party for party in found}
    return {
        "@id": f"urn:uuid:{record['id']}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": record["id"],
        "dct:conformsTo": RECORD_PROFILE,
        "dct:language": language,
        "dpv:hasDataSubject": {"@id": f"urn:temoin:subject:{record['subject']}", "dct:identifier": record["subject"]},
        "dpv:hasDataController": [_reference(party.id) for party in parties.values() if party.role != "processor"],
        "dpv:hasEntity": [_entity(party) for party in parties.values()],
        "dpv:hasJurisdiction": "loc:EU",
        "dpv:hasApplicableLaw": "eu-gdpr:GDPR",
        "dpv:hasLegalBasis": ["dpv:Consent", "eu-gdpr:A6-1-a"],
        "dpv:hasNotice": _notices(record, config, config_body),
        "dpv:hasProcess": [_process(purpose, record, config) for purpose in asked],
        "dpv:hasConsentControl": _control(record, config),
        "dpv:hasRight": [{"@id": f"eu-gdpr:{right}"} for right in ("A7-3", "A15", "A16", "A17", "A18", "A20", "A77")],
        "dpv:hasAuthority": {"@type": "dpv:DataProtectionAuthority"},
        "dpv:hasStorageCondition": _proof_retention(config),
        "dct:valid": record["expires_at"],
        "temoin:event": record["event"],
        "temoin:previousRecord": record["previous"],
    }


def _notices(record: dict[str, Any], config: PublishedConfig, config_body: bytes) -> list[dict[str, Any]]:
    """What was shown (the version, by its hash), and the privacy policy that it linked to."""
    language = record["language"]
    shown = {
        "@type": "dpv:ConsentNotice",
        "dct:identifier": record["config"],
        "dct:language": language,
        "dpv:hasLocation": f"/v1/sites/{record['site']}/config/{record['config']}",
        "temoin:sha256": sha256_hex(config_body),
        "temoin:layer": record["layer"],
        "temoin:viewport": record["viewport"],
    }
    policy = in_language(config.controller.policy_url, config, language)
    return [shown, {"@type": "dpv:PrivacyNotice", "dct:language": language, "dpv:hasLocation": policy}]


def _process(purpose: Purpose, record: dict[str, Any], config: PublishedConfig) -> dict[str, Any]:
    language = record["language"]
    title = in_language(purpose.title, config, language) or purpose.id
    description = in_language(purpose.description, config, language) or ""
    trackers = trackers_of(config, purpose)
    recipients = [_reference(tracker_party(tracker, config, language).id) for tracker in trackers]
    others = [{"@type": "dpv:ThirdParty", "dpv:hasName": name} for tracker in trackers for name in tracker.recipients]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:identifier": purpose.id,
            "dct:title": {"@value": title, "@language": language},
            "dct:description": {"@value": description, "@language": language},
            "temoin:shownTextSha256": sha256_hex(f"{title}\n{description}".encode()),
            "temoin:scope": config.scopes[purpose.id],
        },
        "dpv:hasPersonalData": [
            {"@type": "dpv:PersonalData", "dct:title": name} for name in personal_data(config, purpose)
        ]
        or ["dpv:PersonalData"],
        "dpv:hasDataSource": ["dpv:DataSubjectDataSource"],
        "dpv:hasRecipient": recipients + others,
        "dpv:hasStorageCondition": _on_device(purpose, config),
        "dpv:hasConsentStatus": _status(record["choices"][purpose.id], record, config),
    }


def _status(granted: bool, record: dict[str, Any], config: PublishedConfig) -> dict[str, Any]:
    """What became of one purpose by this decision."""
    state = "ConsentGiven" if granted else "ConsentWithdrawn" if record["event"] == "withdrawn" else "ConsentRefused"
    return {
        "@type": [f"dpv:{state}", "dpv:ExpressedConsent"],
        "dpv:isIndicatedAtTime": record["recorded_at"],
        "dpv:isIndicatedBy": {"@id": f"urn:temoin:subject:{record['subject']}"},
        "dpv:hasIndicationMethod": record["control"],
        "dpv:isExercisedAt": record["page"],
        "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": config.choice_validity},
        "dct:valid": record["expires_at"],
    }


def _on_device(purpose: Purpose, config: PublishedConfig) -> list[dict[str, Any]]:
    """Where and how long what a purpose keeps is kept; what has no time of its own ends with the choice."""
    kept = [kept for tracker in trackers_of(config, purpose) for kept in (*tracker.cookies, *tracker.storage)]
    durations = [
        {
            "@type": "dpv:StorageDuration",
            "dct:title": each.name,
            "dpv:hasDuration": _duration(each.max_age, "end of the browser's session"),
        }
        for each in kept
    ]
    until = {"@type": "dpv:StorageDuration", "dpv:hasDuration": _duration("session", "end of this choice")}
    return [{"@type": "dpv:StorageLocation", "dpv:hasLocation": {"@id": "dpv:WithinDevice"}}, *(durations or [until])]


def _duration(age: str, event: str) -> dict[str, str]:
    if age == "session":
        return {"@type": "dpv:UntilEventDuration", "rdf:value": event}
    return {"@type": "dpv:TemporalDuration", "rdf:value": age}


def _proof_retention(config: PublishedConfig) -> dict[str, Any]:
    """How long the record itself is kept once the choice has ended, and why."""
    return {
        "@type": "dpv:StorageDuration",
        "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": config.proof_retention.period},
        "dct:description": config.proof_retention.reason,
    }


def _control(record: dict[str, Any], config: PublishedConfig) -> dict[str, Any]:
    """How to withdraw: the words of the button, on any page of the site."""
    texts = config.banner.texts.get(record["language"], {})
    return {
        "@type": ["dpv:WithdrawConsent"],
        "dct:title": f"{texts.get('control', '')} – {texts.get('button.withdraw', '')}",
        "dpv:isExercisedAt": list(config.origins),
    }


def _entity(party: Party) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "@id": _reference(party.id)["@id"],
        "@type": ["dpv:LegalEntity", *_ROLES[party.role]],
        "dct:identifier": party.id,
        "dpv:hasName": party.name,
    }
    known = {"dpv:hasAddress": party.address, "dpv:hasContact": party.contact or party.policy_url}
    return fields | {name: value for name, value in known.items() if value is not None}


def _reference(party: str) -> dict[str, str]:
    return {"@id": f"urn:temoin:party:{party}"}
