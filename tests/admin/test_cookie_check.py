"""How Safari takes the service's cookie: WebKit's rule on hosts, CNAMEs and networks, case by case."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from temoin.admin.cookie_check import Place, judge, look_up
from tests import aio


def _place(host: str, *addresses: str, name: str = "") -> Place:
    return Place(host, name or host, tuple(map(ip_address, addresses)))


PAGE = _place("www.shop.example", "192.0.2.10", "2001:db8:1:1::10")


@pytest.mark.parametrize(
    ("service", "kept", "why"),
    [
        (_place("www.shop.example", "203.0.113.1"), True, ""),
        (_place("consent.shop.example", "192.0.200.7", "2001:db8:1:1:ffff::7"), True, ""),
        (_place("consent.shop.example", name="www.shop.example"), True, ""),
        (_place("consent.shop.example", "192.0.2.11", "2001:db8:1:1::11", name="in.host.example"), False, "CNAME"),
        (_place("consent.shop.example", "192.1.2.10", "2001:db8:1:1::10"), False, "another network"),
        (_place("consent.shop.example", "192.0.2.10", "2001:db8:1:2::10"), False, "another network"),
        (_place("consent.shop.example", "192.0.2.10"), False, "IPv6"),
        (_place("consent.shop.example", "192.0.2.10", "203.0.113.1", "2001:db8:1:1::10"), False, "another network"),
        (_place("consent.shop.example"), False, "not found"),
        (_place("consent.provider.example", "192.0.2.10", "2001:db8:1:1::10"), False, "another site"),
    ],
)
def test_safari_keeps_the_cookie_of_the_pages_own_host_its_cnames_and_its_network(
    service: Place, kept: bool, why: str
) -> None:
    line = judge(PAGE, service)
    assert (line.good, why in line.fix) == (kept, True)
    assert ("seven days" in line.text) is not kept


def test_a_cname_to_where_the_pages_own_leads_is_the_sites() -> None:
    page = _place("www.shop.example", "192.0.2.10", name="edge-1.host.example")
    assert judge(page, _place("consent.shop.example", "203.0.113.1", name="edge-2.host.example")).good
    assert not judge(page, _place("consent.shop.example", "192.0.2.11", name="edge.other.example")).good


def test_sites_below_a_public_suffix_are_strangers() -> None:
    assert not judge(_place("shop.github.io", "192.0.2.1"), _place("consent.github.io", "192.0.2.1")).good


def test_a_host_is_looked_up_and_one_that_is_not_there_has_no_address() -> None:
    assert ip_address("127.0.0.1") in aio.run(look_up("localhost")).addresses
    assert aio.run(look_up("nowhere.invalid")) == Place("nowhere.invalid", "nowhere.invalid", ())
