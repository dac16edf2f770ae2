"""The demo's tracker hosts: which there are, what each is, and the addresses that they and the shop are reached at.

Four are the real SDKs of their makers, bundled from npm; the others are small stand-ins of ours, because what they
stand for is not on npm, and say so wherever they are shown.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackerHost:
    """`package` is the npm package that runs, empty for a stand-in; `purposes` are ids of the seeded configuration."""

    id: str
    label: str
    package: str
    purposes: tuple[str, ...]


TRACKER_HOSTS: tuple[TrackerHost, ...] = (
    TrackerHost("posthog", "PostHog", "posthog-js", ("audience",)),
    TrackerHost("mixpanel", "Mixpanel", "mixpanel-browser", ("audience",)),
    TrackerHost("amplitude", "Amplitude", "@amplitude/analytics-browser", ("audience",)),
    TrackerHost("segment", "Segment", "@segment/analytics-next", ("audience", "ads")),
    TrackerHost("gtag", "gtag", "", ("audience",)),
    TrackerHost("pixel", "Pixel", "", ("ads",)),
    TrackerHost("reco", "Recommandations", "", ("personalisation",)),
    TrackerHost("video", "Vidéo", "", ("video",)),
)


@dataclass(frozen=True, slots=True)
class Names:
    """Host names that browsers use. `tracker` may hold `{id}`, as in `{id}.test`, for one name a tracker.

    The defaults make shop and trackers different sites: `localhost` and `127.0.0.1`.
    """

    shop: str = "localhost"
    tracker: str = "127.0.0.1"
    counter: str = "localhost"

    def of_tracker(self, host_id: str) -> str:
        return self.tracker.replace("{id}", host_id)


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on the loopback address; 0 takes a free one. `trackers` is in the order of TRACKER_HOSTS."""

    shop: int = 0
    counter: int = 0
    trackers: tuple[int, ...] = (0,) * len(TRACKER_HOSTS)

    @classmethod
    def after(cls, first: int) -> Ports:
        """Shop, counter and trackers on consecutive ports from `first`."""
        return cls(first, first + 1, tuple(range(first + 2, first + 2 + len(TRACKER_HOSTS))))


def listen(port: int) -> socket.socket:
    """A socket that listens on the loopback address; raises OSError where the port is taken."""
    return socket.create_server(("127.0.0.1", port), backlog=256)


def origin(name: str, sock: socket.socket) -> str:
    """`http://name:port` of a listening socket."""
    return f"http://{name}:{sock.getsockname()[1]}"
