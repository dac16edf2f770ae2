// @segment/analytics-next: settings from the sink's CDN address, events to the sink's API address.

import { AnalyticsBrowser } from "@segment/analytics-next";
import { onShopEvent, sink } from "./sink.js";

const address = new URL(sink);
const analytics = AnalyticsBrowser.load(
  { writeKey: "demo0000000000000000000000000002", cdnURL: sink },
  { integrations: { "Segment.io": { apiHost: `${address.host}/v1`, protocol: address.protocol.slice(0, -1) } } },
);
analytics.page();
onShopEvent((name, properties) => analytics.track(name, properties));
