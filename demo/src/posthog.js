// posthog-js, as a site would install it, against the sink. Its user-agent filter is off because the
// tests drive a headless browser; scripts that it would fetch from its own CDN stay out.

import posthog from "posthog-js";
import { onShopEvent, sink } from "./sink.js";

posthog.init("phc_demo", {
  api_host: sink,
  defaults: "2026-01-30",
  disable_external_dependency_loading: true,
  disable_session_recording: true,
  disable_surveys: true,
  opt_out_useragent_filter: true,
  request_queue_config: { flush_interval_ms: 250 },
});
onShopEvent((name, properties) => posthog.capture(name, properties));
