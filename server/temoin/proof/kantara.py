"""The receipt's other form: Kantara Consent Receipt 1.1 (KI-CR-v1.1.0), from a record and its version.

Its `services` name what was agreed to, so a purpose that was refused is not among them; the receipt around it says
what became of every purpose. A party's telephone is in no configuration and stays out.
"""

from __future__ import annotations

from typing import Any

from temoin.clock import parse_rfc3339
from temoin.proof.parties import Party, in_language, site_party, tracker_party, trackers_of
from temoin.site import PublishedConfig, Purpose

VERSION = "KI-CR-v1.1.0"


def kantara_receipt(receipt_id: str, record: dict[str, Any], config: PublishedConfig) -> dict[str, Any]:
    """All fields that Kantara 1.1 requires; `record` is what a consent record says."""
    language = record["language"]
    controller = site_party(config, language)
    joint = {
        party.name: party
        for tracker in config.trackers
        if (party := tracker_party(tracker, config, language)).role in ("joint_controller", "controller")
    }
    return {
        "version": VERSION,
        "jurisdiction": "EU",
        "consentTimestamp": int(parse_rfc3339(record["recorded_at"]).timestamp()),
        "collectionMethod": f"consent banner, layer {record['layer']}, control {record['control']}",
        "consentReceiptID": receipt_id,
        "language": language,
        "piiPrincipalId": record["subject"],
        "piiControllers": [_controller(party) for party in (controller, *joint.values())],
        "policyUrl": controller.policy_url,
        "services": [
            {
                "service": config.site,
                "purposes": [
                    _purpose(purpose, record, config)
                    for purpose in config.purposes
                    if record["choices"].get(purpose.id) is True
                ],
            }
        ],
        "sensitive": False,
        "spiCat": [],
    }


def personal_data(config: PublishedConfig, purpose: Purpose) -> list[str]:
    """What a purpose reads or writes, as far as the configuration says: cookies and keys by name, and the address."""
    trackers = trackers_of(config, purpose)
    kept = [kept.name for tracker in trackers for kept in (*tracker.cookies, *tracker.storage)]
    requests = ["IP address"] if any(tracker.match for tracker in trackers) else []
    return list(dict.fromkeys([*kept, *requests]))


def _controller(party: Party) -> dict[str, Any]:
    """`contact` is as the configuration has it; an e-mail address where it is one."""
    contact = party.contact or party.policy_url or party.name
    fields: dict[str, Any] = {"piiController": party.name, "contact": contact}
    if party.address is not None:
        fields["address"] = {"streetAddress": party.address}
    if "@" in contact and " " not in contact:
        fields["email"] = contact
    if party.policy_url is not None:
        fields["piiControllerUrl"] = party.policy_url
    return fields


def _purpose(purpose: Purpose, record: dict[str, Any], config: PublishedConfig) -> dict[str, Any]:
    language = record["language"]
    parties = [tracker_party(tracker, config, language) for tracker in trackers_of(config, purpose)]
    others = [party.name for party in parties if party.role != "site"]
    others += [name for tracker in trackers_of(config, purpose) for name in tracker.recipients]
    fields: dict[str, Any] = {
        "purpose": in_language(purpose.title, config, language),
        "purposeCategory": [purpose.id],
        "consentType": "EXPLICIT",
        "piiCategory": personal_data(config, purpose),
        "primaryPurpose": False,
        "termination": record["expires_at"],
        "thirdPartyDisclosure": bool(others),
    }
    if others:
        fields["thirdPartyName"] = ", ".join(dict.fromkeys(others))
    return fields
