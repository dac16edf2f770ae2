"""What each tracker host answers: its script, and the bodies that the SDK waits for before it goes on.

Bodies have the shape of the makers' public APIs, with everything optional switched off. Nothing is computed from what
was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.responses import JSONResponse, Response

from temoin import assets
from temoin.clock import SystemClock

_STATIC = Path(__file__).parent / "static"
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
_POSTHOG_CONFIG = {
    "supportedCompression": ["gzip-js"],
    "hasFeatureFlags": False,
    "captureDeadClicks": False,
    "capturePerformance": False,
    "autocapture_opt_out": False,
    "autocaptureExceptions": False,
    "analytics": {"endpoint": "/i/v0/e/"},
    "elementsChainAsString": True,
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "productTours": False,
    "defaultIdentifiedOnly": True,
    "siteApps": [],
}

Answer = Callable[[str], Response]


def _script(body: bytes) -> Response:
    return Response(body, media_type="text/javascript")


def _bundle(name: str) -> Response:
    return _script((assets.folder("demo") / name).read_bytes())


def _static(name: str) -> Response:
    return _script((_STATIC / name).read_bytes())


def _cookie(response: Response, name: str, value: str, days: int) -> Response:
    """A third-party cookie, partitioned so that browsers that block the other kind still take it.

    It must be Secure: over http browsers take it from loopback addresses only, not from made-up names.
    """
    attributes = f"Max-Age={days * 86400}; Path=/; SameSite=None; Secure; Partitioned"
    response.headers.append("set-cookie", f"{name}={value}; {attributes}")
    return response


def _posthog(path: str) -> Response:
    if path == "/posthog.js":
        return _bundle("posthog.js")
    if path.startswith("/array/"):
        return JSONResponse(_POSTHOG_CONFIG)
    if path.startswith("/flags"):
        return JSONResponse({**_POSTHOG_CONFIG, "flags": {}, "featureFlags": {}, "errorsWhileComputingFlags": False})
    return JSONResponse({"status": "Ok"})


def _mixpanel(path: str) -> Response:
    return _bundle("mixpanel.js") if path == "/mixpanel.js" else JSONResponse({"status": 1, "error": None})


def _amplitude(path: str) -> Response:
    if path == "/amplitude.js":
        return _bundle("amplitude.js")
    if path.startswith("/config"):
        return JSONResponse({"configs": {"analyticsSDK": {}, "diagnostics": {"browserSDK": {"sampleRate": 0}}}})
    now = int(SystemClock().now().timestamp() * 1000)
    return JSONResponse({"code": 200, "events_ingested": 1, "payload_size_bytes": 1, "server_upload_time": now})


def _segment(path: str) -> Response:
    if path == "/segment.js":
        return _bundle("segment.js")
    if path.endswith("/settings"):
        key = path.split("/")[3]
        integrations = {"Segment.io": {"apiKey": key, "unbundledIntegrations": [], "addBundledMetadata": True}}
        return JSONResponse({"integrations": integrations, "plan": {}, "metrics": {"sampleRate": 0}})
    return JSONResponse({"success": True})


def _gtag(path: str) -> Response:
    return _static("gtag.js") if path == "/gtag/js" else Response(status_code=204)


def _pixel(path: str) -> Response:
    if path.endswith("/fbevents.js"):
        return _static("pixel.js")
    return _cookie(Response(_GIF, media_type="image/gif"), "fr", "demo.visiteur", 90)


def _reco(path: str) -> Response:
    if path in ("/profil.js", "/recommandations.js"):
        return _static(path[1:])
    if path == "/v1/choix":
        return JSONResponse({"choix": ["vase-colline", "bol-riviere", "tasse-brume"]})
    return Response(status_code=204)


def _video(path: str) -> Response:
    if path.startswith("/embed/"):
        page = Response((_STATIC / "video.html").read_bytes(), media_type="text/html")
        return _cookie(page, "video_visiteur", "demo.visiteur", 180)
    return Response(status_code=204)


ANSWERS: dict[str, Answer] = {
    "posthog": _posthog,
    "mixpanel": _mixpanel,
    "amplitude": _amplitude,
    "segment": _segment,
    "gtag": _gtag,
    "pixel": _pixel,
    "reco": _reco,
    "video": _video,
}
