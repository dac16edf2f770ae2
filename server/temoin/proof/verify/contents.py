"""Config versions, publications and evidence: what each was hashed to, and that nothing of it is missing or loose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from temoin.proof.verify.container import Container, Stored
from temoin.proof.verify.documents import check_shape, read_canonical, read_time
from temoin.proof.verify.report import DATA_ERRORS, Step, words

_SCREEN = {"language", "viewport", "layer", "html", "png"}


@dataclass(slots=True)
class Configs:
    """The config versions of a bundle, by id; the index of each one's first publication; how much evidence there is."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    first_published: dict[str, int] = field(default_factory=dict)
    evidence: int = 0


def read_configs(container: Container, named: dict[str, Stored], site: str, step: Step) -> Configs:
    """Every file under configs/, checked: its name is its hash, and it is a configuration of this site."""
    configs = Configs()
    for name, stored in named.items():
        if not name.startswith("configs/"):
            continue
        version = name.removeprefix("configs/").removesuffix(".json")
        try:
            body = container.read(stored)
            digest = hashlib.sha256(body).hexdigest()
            if digest[:16] != version:
                raise ValueError("its SHA-256 does not begin with its name")
            config = read_canonical(body)
            if config["schema"] != "temoin.config/1" or config["site"] != site:
                raise ValueError(f"it is no temoin.config/1 of the site {site}")
            # Looked up here once, so that a broken configuration fails by its own name and not at its first record.
            _ = (config["languages"], config["choice_validity"], [(p["id"], p["basis"]) for p in config["purposes"]])
            configs.bodies[version], configs.hashes[version] = config, digest
        except DATA_ERRORS as error:
            step.fail(name, words(error))
    step.said = f"{len(configs.bodies)} of them, each the text that its id was computed from"
    return configs


def check_publications(container: Container, named: dict[str, Stored], configs: Configs, site: str, step: Step) -> None:
    """Every publication, and every evidence file: named by a publication, there, and hashing to its name."""
    named_by_publications: set[str] = set()
    bare: list[str] = []
    for name, stored in named.items():
        if not name.startswith("publications/"):
            continue
        index, _, rest = name.removeprefix("publications/").partition("-")
        try:
            document = read_canonical(container.read(stored))
            check_shape(document, "temoin.publication/1", rest.removesuffix(".json"), site)
            read_time(document["recorded_at"], "recorded_at")
            named_by_publications |= _check_publication(document, configs, named)
            configs.first_published.setdefault(document["config"], int(index))
            if not document["evidence"]:
                bare.append(f"{document['config']} ({document['evidence_missing']})")
        except DATA_ERRORS as error:
            step.fail(name, words(error))
    for name, stored in named.items():
        if not name.startswith("evidence/"):
            continue
        configs.evidence += 1
        if stored.sha256 != name[9:73]:
            step.fail(name, "its SHA-256 is not its name: it is not what was captured")
        elif name not in named_by_publications:
            step.fail(name, "no publication in the bundle names it")
    step.said = f"{configs.evidence} files, each named and hashed by a publication in the log"
    if bare:
        step.said += f"; published without evidence: {', '.join(sorted(set(bare)))}"


def _check_publication(document: dict[str, Any], configs: Configs, named: dict[str, Stored]) -> set[str]:
    """The evidence files that a publication names (those that must be there are)."""
    version = document["config"]
    if version not in configs.bodies or configs.hashes[version] != document["config_sha256"]:
        raise ValueError(f"the config version {version} that it published is not in the bundle as it was")
    screens = document["evidence"]
    if bool(screens) == isinstance(document["evidence_missing"], str):
        raise ValueError("it must have evidence, or say why it has none")
    files: set[str] = set()
    shown = []
    for screen in screens:
        if screen.keys() != _SCREEN:
            raise ValueError("a screen of its evidence has other fields than it should")
        shown.append((screen["language"], screen["viewport"], screen["layer"]))
        files |= {f"evidence/{screen['html']}.html", f"evidence/{screen['png']}.png"}
    languages = configs.bodies[version]["languages"]
    due = {(language, view, layer) for language in languages for view in ("mobile", "desktop") for layer in (1, 2)}
    if screens and (len(shown) != len(due) or set(shown) != due):
        raise ValueError("its evidence does not show every language, mobile and desktop, on both layers")
    if missing := sorted(files - named.keys()):
        raise ValueError(f"its evidence {missing[0]} is missing")
    return files | {f"evidence/{document['sdk']}.js"}
