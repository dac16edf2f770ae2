/** Sockets, streams and workers: refused, they look like a server that is down; open ones end with the grant. */
import { denied, owners } from "../match";
import { dead, fire } from "./gate";

type Channel = EventTarget & { close?(): void; terminate?(): void; port?: MessagePort };

// Only those to a tracker's address: the page's own are never kept.
let open: (readonly [url: unknown, channel: Channel])[] = [];

const NOTHING = { readyState: 3, send() {}, close() {}, postMessage() {}, terminate() {}, start() {} };

export function gateChannels(): void {
  for (const name of ["WebSocket", "EventSource", "Worker", "SharedWorker"] as const) {
    if (!window[name]) continue;
    window[name] = new Proxy(window[name], {
      construct(native, args: [string], target) {
        const [url] = args;
        if (denied(url)) return fire(dead({ ...NOTHING, url: String(url), port: dead(NOTHING) }), "error", "close");
        const channel: Channel = Reflect.construct(native, args, target);
        if (owners(url)[0]) open.push([url, channel]);
        return channel;
      },
    }) as never;
  }
  if (window.Audio) {
    window.Audio = new Proxy(window.Audio, {
      construct(native, [src], target) {
        const audio: HTMLAudioElement = Reflect.construct(native, [], target);
        return src === undefined ? audio : Object.assign(audio, { preload: "auto", src });
      },
    });
  }
}

export function closeChannels(): void {
  for (const [url, channel] of open)
    if (denied(url)) (channel.terminate ?? channel.close ?? (() => channel.port?.close())).call(channel);
  open = open.filter(([url]) => !denied(url));
}
