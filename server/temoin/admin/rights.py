"""Who may do what on which site: THE table. Pages, the API and the proof plane ask `may`, and nothing else decides.

A role holds on one site, or on all of them (`*`); rights add up. A site on which somebody may do nothing is, to them, a
site that does not exist: no answer tells which ids there are.
"""

from __future__ import annotations

from typing import Literal, Protocol, get_args

from temoin.errors import Forbidden, Invalid, NotFound

Role = Literal["owner", "marketer", "officer", "viewer"]
Act = Literal["read", "edit", "publish", "override", "records", "erase", "people"]

ROLES: tuple[Role, ...] = get_args(Role)
ACTS: tuple[Act, ...] = get_args(Act)
EVERY_SITE = "*"

# read: drafts, findings, versions, numbers. edit: drafts; on every site, new sites too. publish: now, later, back.
# override: publish in spite of a finding. records: search, prove and export what visitors chose. erase: ask for and
# confirm that records are destroyed. people: accounts, roles, tokens.
ALLOWED: dict[Role, frozenset[Act]] = {
    "owner": frozenset(ACTS),
    "marketer": frozenset({"read", "edit", "publish"}),
    "officer": frozenset({"read", "records", "erase"}),
    "viewer": frozenset({"read"}),
}


class Actor(Protocol):
    """Somebody who asks: an account or a token. `label` names them in the log by a random id, never by their name."""

    @property
    def label(self) -> str: ...

    @property
    def person(self) -> str:
        """The label of whoever stands behind: of a token its maker. Two of one person are no four eyes."""
        ...

    def acts_on(self, site: str) -> frozenset[str]:
        """What they may do on that site; on `*` what they may do on all sites, those to come included."""
        ...


def may(actor: Actor, act: Act, site: str) -> bool:
    """Whether `actor` may do `act` on `site`, or on every site where that is `*`."""
    return act in actor.acts_on(site)


def require(actor: Actor, act: Act, site: str) -> None:
    """Raises NotFound where they may not know the site, Forbidden where they may not do that there."""
    if may(actor, act, site):
        return
    if site != EVERY_SITE and not actor.acts_on(site):
        raise NotFound(
            "unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites that there are."
        )
    raise Forbidden("not_allowed", f"This needs the right to {act}.", "Ask an owner to do it, or for another role.")


def checked_role(role: str) -> Role:
    """Raises Invalid for what is none."""
    for known in ROLES:
        if role == known:
            return known
    raise Invalid("bad_account", f"There is no role {role!r}.", f"Roles: {', '.join(ROLES)}.")


def acts_of(roles: dict[str, Role], site: str) -> frozenset[str]:
    """The rights that roles by site give on `site`."""
    held = {roles.get(site), roles.get(EVERY_SITE)} - {None}
    return frozenset(act for role in held for act in ALLOWED.get(role, ()))  # type: ignore[arg-type]  # None is out
