/** `window.temoin` (CONTRACT section 4): the same methods that a queue stub took calls for before the script had loaded. */
import { guard } from "./guard";
import type { Temoin } from "./temoin";

/** A stub keeps what was called in `q` and resolves its own `ready` through `r`. */
type Stub = Partial<Temoin> & { q?: [name: keyof Temoin, args: unknown[]][] | undefined; r?: (api: Temoin) => void };

/** Whether another copy of the tag runs already. An element with the id `temoin` is not one. */
export const running = (): boolean => !!window.temoin?.has && !(window.temoin as Stub).q;

/** Takes the stub's place, in the stub's own object: who kept a reference to it speaks to the real one now. */
export function publish(methods: Omit<Temoin, "ready">): void {
  const stub = window.temoin as Stub | undefined;
  const { q = [], r } = stub ?? {};
  const api = (q[0] || stub?.has ? stub : {}) as Temoin & Stub;
  for (const [name, method] of Object.entries(methods)) Object.assign(api, { [name]: guard(method as () => unknown) });
  window.temoin = Object.assign(api, { q: undefined, ready: Promise.resolve(api) });
  for (const [name, args] of q) (api[name] as (...args: unknown[]) => unknown)(...args);
  r?.(api);
}
