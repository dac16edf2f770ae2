"""The shop without a browser: its pages, its cart, and where Témoin's script stands."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from temoin.demo.servers import DemoServers
from temoin.demo.shop import PAGES


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


def _fetch(url: str, data: bytes | None = None, cookie: str = "") -> tuple[int, HTTPResponse, str]:
    request = urllib.request.Request(url, data=data, headers={"Cookie": cookie} if cookie else {})
    try:
        answer = urllib.request.build_opener(_NoRedirect).open(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer, answer.read().decode()


@pytest.mark.parametrize("path", [*PAGES, "/merci", "/confidentialite", "/privacy"])
def test_a_page_sets_no_cookie_and_asks_no_foreign_host(path: str, gated_demo: DemoServers) -> None:
    status, answer, page = _fetch(gated_demo.shop_url + path)
    assert status == 200
    assert answer.headers.get("set-cookie") is None
    for attribute in (' src="', ' href="'):
        for part in page.split(attribute)[1:]:
            target = urlsplit(part.split('"', 1)[0])
            assert not target.netloc or part.startswith(gated_demo.counter_url)


def test_the_script_of_temoin_comes_first_in_head_once_its_address_is_known() -> None:
    with DemoServers().in_thread() as demo:
        assert "/s/boutique.js" not in _fetch(demo.shop_url + "/")[2]
        demo.sdk_url = "http://consent.test:8080/s/boutique.js"
        page = _fetch(demo.shop_url + "/")[2]
        bare = _fetch(demo.shop_url + "/?sans=temoin")[2]
    head = page.split("<head>", 1)[1].strip()
    assert head.startswith('<script src="http://consent.test:8080/s/boutique.js"></script>')
    assert "/s/boutique.js" not in bare
    assert "text/plain" not in bare
    assert 'href="/article?sans=temoin"' in bare


def test_the_cart_is_a_cookie_only_once_something_is_in_it(gated_demo: DemoServers) -> None:
    status, answer, _page = _fetch(gated_demo.shop_url + "/panier", data=b"slug=bol-riviere")
    assert (status, answer.headers["location"]) == (303, "/commande")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("panier=bol-riviere;")
    _status, _answer, page = _fetch(gated_demo.shop_url + "/commande", cookie="panier=bol-riviere.tasse-brume")
    assert "60,00" in page
    _status, answer, _page = _fetch(gated_demo.shop_url + "/commande", data=b"nom=x", cookie="panier=bol-riviere")
    assert 'panier="";' in answer.headers["set-cookie"]


@pytest.mark.parametrize("body", [b"slug=rien", b"", b"\xff\xfe", b"slug=" + b"x" * 5000])
def test_what_is_no_product_goes_into_no_cart(body: bytes, gated_demo: DemoServers) -> None:
    status, answer, _page = _fetch(gated_demo.shop_url + "/panier", data=body)
    assert (status, answer.headers.get("set-cookie")) == (303, None)


def test_an_unknown_page_or_product_is_a_page_of_the_shop(gated_demo: DemoServers) -> None:
    for path in ("/rien", "/produit/rien"):
        status, _answer, page = _fetch(gated_demo.shop_url + path)
        assert status == 404
        assert "Boutique Témoin" in page
