/** WebSocket and EventSource: refused, they look like a server that is down; open ones end with the grant. */
import { denied, owners } from "../match";
import { fire } from "./gate";

type Channel = EventTarget & { readonly url: string; close(): void };

// Only those to a tracker's address: the page's own are never kept.
let open: Channel[] = [];

/** An element: it brings `onerror`, `onclose` and the rest, and goes nowhere. */
const dead = (url: unknown): Channel =>
  Object.assign(document.createElement("i"), { url: String(url), readyState: 3, send() {}, close() {} });

export function gateChannels(): void {
  for (const name of ["WebSocket", "EventSource"] as const) {
    if (!window[name]) continue;
    window[name] = new Proxy(window[name], {
      construct(native, args: [string], target) {
        const refused = denied(args[0]);
        const channel: Channel = refused ? dead(args[0]) : Reflect.construct(native, args, target);
        if (refused) fire(channel, "error", "close");
        else if (owners(args[0])[0]) open.push(channel);
        return channel;
      },
    }) as never;
  }
}

export function closeChannels(): void {
  for (const channel of open) if (denied(channel.url)) channel.close();
  open = open.filter((channel) => !denied(channel.url));
}
