// mixpanel-browser without its session recorder, against the sink.

import mixpanel from "mixpanel-browser/dist/mixpanel-core.cjs.js";
import { onShopEvent, sink } from "./sink.js";

mixpanel.init("demo0000000000000000000000000000", {
  api_host: sink,
  autocapture: { pageview: "full-url", click: true, input: true, scroll: true, submit: true },
  batch_flush_interval_ms: 250,
  ignore_dnt: true,
  persistence: "cookie",
});
onShopEvent((name, properties) => mixpanel.track(name, properties));
