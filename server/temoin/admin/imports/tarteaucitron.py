"""tarteaucitron: `tarteaucitron.init({…})` and the keys of services that are pushed to `tarteaucitron.job`.

What a key stands for is data of the npm package tarteaucitronjs (MIT), from the build.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from temoin.admin.imports.carry import Carried, in_words, sequence
from temoin.assets import folder


def carry(config: dict[str, Any]) -> Carried:
    """Each service pushed becomes a tracker, its type a purpose."""
    carried = Carried()
    for key in dict.fromkeys(str(job) for job in sequence(config.get("jobs"))):
        _service(carried, key)
    if config.get("googleConsentMode"):
        carried.settings["google_consent_mode"] = "basic"
    if config.get("bingConsentMode"):
        carried.settings["uet"] = True
    if config.get("orientation") == "middle":
        carried.settings["template"] = "modal"
    if config.get("highPrivacy") is False:
        carried.note("Browsing on counted as consent (highPrivacy: false); here it never does.")
    if config.get("DenyAllCta") is False:
        carried.note("The banner had no button to refuse (DenyAllCta: false); here refusing is one click.")
    if config.get("serviceDefaultState") is True:
        carried.note("Services were on before a choice (serviceDefaultState: true); here all are off.")
    carried.note("Ids of accounts stay in the page: mark each tracker's own tag, as docs/sdk.md shows.")
    carried.note("Texts and styling are left behind: the defaults of each language stand.")
    return carried


def _service(carried: Carried, key: str) -> None:
    known = _services().get(key)
    if known is None:
        carried.note(f"The service {key!r} is not one of tarteaucitron's own: add it by hand.")
        return
    purpose = carried.purpose(str(known["type"]))
    carried.tracker(in_words(known["name"]) or key, [purpose], known["cookies"], str(known["uri"] or ""))
    if not known["consent"]:
        carried.note(f"{known['name']}: it ran unasked. Here it asks, until a purpose of an exemption is named for it.")


@cache
def _services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = orjson.loads((folder("third_parties") / "tarteaucitron.json").read_bytes())
    return found
