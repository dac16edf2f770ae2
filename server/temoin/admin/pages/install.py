"""Installing: the script tag, where common systems take it, and a check that it works on a page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from temoin.admin.pages.ask import Ask
from temoin.admin.pages.drafts import Open, opened
from temoin.admin.pages.forms import text
from temoin.admin.pages.sites import frame
from temoin.admin.tag_check import Result, check_tag
from temoin.banner import deferred
from temoin.banner.client import plain_tag, script_address
from temoin.errors import TemoinError


@dataclass(frozen=True, slots=True)
class Way:
    """How one system takes the tag; `code` holds `TAG` and `SRC` in their places."""

    id: str
    name: str
    text: str
    code: str
    note: str = ""


WAYS = (
    Way(
        "wordpress",
        "WordPress",
        "Into functions.php of the (child) theme, or a small plugin of its own. "
        "Priority 0 puts it before other scripts.",
        "add_action('wp_head', function () {\n  echo '<script src=\"SRC\"></script>';\n}, 0);",
        "Leave it out of plugins that combine, delay or defer scripts.",
    ),
    Way(
        "shopify",
        "Shopify",
        "Online Store, Themes, Edit code: in layout/theme.liquid, right after the opening head tag.",
        "<head>\n  TAG\n  {{ content_for_header }}",
        "Apps that add scripts in the checkout are outside the theme's reach.",
    ),
    Way(
        "gtm",
        "Google Tag Manager",
        "Do not load the banner through the container: it would come after what it is to hold back. "
        "Put the tag into the page, and the container behind it.",
        'TAG\n<script type="text/plain" data-purpose="audience" data-src="https://www.googletagmanager.com/gtm.js?id=GTM-XXXXXXX"></script>',
        "Inside the container, the event temoin in the dataLayer tells of each choice.",
    ),
    Way(
        "next",
        "Next.js",
        "In app/layout.tsx, as a plain element first in the head; next/script would load it too late.",
        '<html lang="fr">\n  <head>\n    <script src="SRC" />\n  </head>\n  <body>{children}</body>\n</html>',
    ),
    Way(
        "django",
        "Django",
        "In the base template, first in the head.",
        "<head>\n  TAG\n  {% block head %}{% endblock %}\n</head>",
        "With django-csp, add the service's address to SCRIPT_SRC and CONNECT_SRC.",
    ),
)


async def page(ask: Ask) -> Response:
    draft = await opened(ask)
    url = f"{draft.config.origins[0]}/"
    if ask.request.method != "POST":
        return _page(ask, draft, url)
    url = text(await ask.form(), "url")
    try:
        result = await check_tag(url, draft.config, ask.admin.base, ask.admin.chromium)
    except TemoinError as error:
        return _page(ask, draft, url, error=error)
    return _page(ask, draft, url, result)


def _page(ask: Ask, draft: Open, url: str, result: Result | None = None, error: TemoinError | None = None) -> Response:
    source = script_address(draft.config, ask.admin.base)
    tag = plain_tag(draft.config, ask.admin.base)
    purpose = next(iter(draft.config.consent_purposes), "audience")
    ways = [
        Way(way.id, way.name, way.text, way.code.replace("TAG", tag).replace("SRC", source), way.note) for way in WAYS
    ]
    return ask.show(
        "install.html",
        200 if error is None else error.status,
        tag=tag,
        deferred=deferred.tags(draft.config, ask.admin.base),
        csp_hash=deferred.csp_hash(draft.config, ask.admin.base),
        gated=f'<script type="text/plain" data-purpose="{purpose}" data-src="https://…"></script>',
        ways=ways,
        url=url,
        result=result,
        error=error,
        **frame(draft, "install"),
    )
