"""The demo shop: a small French site of several pages that carries every tracker of the demo, gated or not.

Gated, its markup is CONTRACT section 4's and Témoin's script tag comes first in `<head>`; not gated (`gated=False`, or
`?sans=temoin` on any page) the same trackers stand there as plain tags, as on most of the web. The shop itself keeps
one cookie, the cart, from the moment that something is put in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from temoin.demo.catalogue import BY_SLUG, PRODUCTS, Product

_HERE = Path(__file__).parent
_CART = "panier"
_LARGEST_FORM = 4096
PAGES = ("/", "/produit", "/article", "/commande")


@dataclass(slots=True)
class ShopView:
    """What the pages show. `sdk` is the address of Témoin's script, empty for none; it is read at each request."""

    trackers: Mapping[str, str]
    sdk: str = ""
    gated: bool = True
    counter: str = ""


def shop_app(view: ShopView) -> Starlette:
    """The app; `view.trackers` gives the origin of each of TRACKER_HOSTS by its id."""
    pages = _Pages(view)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/produit", pages.product),
            Route("/produit/{slug}", pages.product),
            Route("/article", pages.article),
            Route("/commande", pages.checkout, methods=["GET"]),
            Route("/commande", pages.order, methods=["POST"]),
            Route("/panier", pages.add, methods=["POST"]),
            Route("/merci", pages.thanks),
            Route("/confidentialite", pages.privacy),
            Route("/privacy", pages.privacy),
            Route("/boutique.css", pages.style),
        ],
        exception_handlers={404: pages.missing},
    )


class _Pages:
    def __init__(self, view: ShopView) -> None:
        self._view = view
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def home(self, request: Request) -> Response:
        return self._page(request, "accueil.html", {"products": PRODUCTS})

    async def product(self, request: Request) -> Response:
        slug = request.path_params.get("slug", PRODUCTS[0].slug)
        product = BY_SLUG.get(slug)
        if product is None:
            return await self.missing(request, None)
        return self._page(request, "produit.html", {"product": product, "products": PRODUCTS})

    async def article(self, request: Request) -> Response:
        return self._page(request, "article.html", {})

    async def checkout(self, request: Request) -> Response:
        return self._page(request, "commande.html", {})

    async def thanks(self, request: Request) -> Response:
        return self._page(request, "merci.html", {})

    async def privacy(self, request: Request) -> Response:
        return self._page(request, f"{request.url.path[1:]}.html", {})

    async def missing(self, request: Request, _error: Exception | None) -> Response:
        return self._page(request, "introuvable.html", {}, status=404)

    async def style(self, _request: Request) -> Response:
        return FileResponse(_HERE / "static" / "boutique.css", media_type="text/css")

    async def add(self, request: Request) -> Response:
        """Puts one product in the cart: the shop's only cookie, written because the visitor asked for it."""
        slug = (await _form(request)).get("slug", "")
        response = RedirectResponse(self._link(request, "/commande"), status_code=303)
        if slug in BY_SLUG:
            slugs = [product.slug for product in _cart(request)]
            response.set_cookie(_CART, ".".join([*slugs, slug][-12:]), samesite="lax", httponly=True)
        return response

    async def order(self, request: Request) -> Response:
        """Keeps nothing of the order: it empties the cart and says so."""
        response = RedirectResponse(self._link(request, "/merci"), status_code=303)
        response.delete_cookie(_CART, samesite="lax", httponly=True)
        return response

    def _gated(self, request: Request) -> bool:
        return self._view.gated and request.query_params.get("sans") != "temoin"

    def _link(self, request: Request, path: str) -> str:
        """Keeps `?sans=temoin` from page to page."""
        return f"{path}?sans=temoin" if request.query_params.get("sans") == "temoin" else path

    def _page(self, request: Request, name: str, values: dict[str, object], status: int = 200) -> Response:
        cart = _cart(request)
        total = Product("", "", "", "", sum(product.cents for product in cart), "", "", "").price
        html = self._templates.get_template(name).render(
            values,
            at=self._view.trackers,
            sdk=self._view.sdk,
            gated=self._gated(request),
            counter=self._view.counter,
            cart=cart,
            total=total,
            path=request.url.path,
            link=lambda path: self._link(request, path),
        )
        return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def _cart(request: Request) -> list[Product]:
    slugs = request.cookies.get(_CART, "").split(".")[:12]
    return [BY_SLUG[slug] for slug in slugs if slug in BY_SLUG]


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small urlencoded form; an oversized one reads as empty."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
