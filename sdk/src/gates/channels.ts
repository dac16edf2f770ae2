/** WebSocket and EventSource: refused, they look like a server that is down; open ones end with the grant. */
import { denied, owners } from "../match";
import { dead, fire } from "./gate";

type Channel = EventTarget & { readonly url: string; close(): void };

// Only those to a tracker's address: the page's own are never kept.
let open: Channel[] = [];

export function gateChannels(): void {
  for (const name of ["WebSocket", "EventSource"] as const) {
    if (!window[name]) continue;
    window[name] = new Proxy(window[name], {
      construct(native, args: [string], target) {
        const [url] = args;
        if (denied(url))
          return fire(dead({ url: String(url), readyState: 3, send() {}, close() {} }), "error", "close");
        const channel: Channel = Reflect.construct(native, args, target);
        if (owners(url)[0]) open.push(channel);
        return channel;
      },
    }) as never;
  }
}

export function closeChannels(): void {
  for (const channel of open) if (denied(channel.url)) channel.close();
  open = open.filter((channel) => !denied(channel.url));
}
