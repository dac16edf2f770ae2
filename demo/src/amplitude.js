// @amplitude/analytics-browser with its default autocapture, against the sink. Its diagnostics are
// off: their address cannot be set, and a bundle of ours talks to its sink alone.

import * as amplitude from "@amplitude/analytics-browser";
import { onShopEvent, sink } from "./sink.js";

amplitude.init("demo0000000000000000000000000001", {
  autocapture: true,
  serverUrl: `${sink}/2/httpapi`,
  remoteConfig: { fetchRemoteConfig: true, serverUrl: `${sink}/config` },
  enableDiagnostics: false,
  flushIntervalMillis: 250,
});
onShopEvent((name, properties) => amplitude.track(name, properties));
