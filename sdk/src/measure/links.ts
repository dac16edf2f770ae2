/** What a visitor follows: links out of the site, downloads, other pages of it, and the page's own events. */
import { guard } from "../guard";
import type { Tell } from "./measure";

const FILE = /\.(7z|apk|csv|dmg|docx?|epub|exe|gz|mp[34]|msi|ods|odt|pdf|pptx?|rar|tar|xlsx?|xml|zip)$/i;

/** Hears of clicks before the page's own listeners; `object` gets the button, `next` is called for a page of the site. */
export function listenForLinks(tell: Tell, object: (button: Element) => void, next: () => void): void {
  const click = guard((event: Event): void => {
    const target = event.target as Element;
    const marked = target.closest<HTMLElement>("[data-temoin-event]")?.dataset.temoinEvent;
    if (marked) tell("event", { value: marked });
    const button = target.closest("[data-temoin=measure]");
    if (button) {
      event.preventDefault();
      object(button);
      return;
    }
    const link = target.closest<HTMLAnchorElement>("a[href]");
    if (link) follow(link, tell, next);
  });
  addEventListener("click", click, true);
  addEventListener("auxclick", click, true);
  addEventListener(
    "submit",
    guard((event: Event) => {
      if (new URL((event.target as HTMLFormElement).action).host === location.host) next();
    }),
    true,
  );
  document.addEventListener(
    "temoin:event",
    guard((event: Event) => tell("event", { value: String((event as CustomEvent).detail) })),
  );
}

function follow(link: HTMLAnchorElement, tell: Tell, next: () => void): void {
  if (!/^https?:$/.test(link.protocol)) return;
  if (link.host !== location.host) tell("outbound", { value: link.hostname });
  else if (link.download || FILE.test(link.pathname)) tell("download", { value: link.pathname });
  else if (link.pathname !== location.pathname) next();
}
