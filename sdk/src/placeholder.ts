/** What stands in a gated frame's place: where it comes from, and a button that leads to the choice. */
import { openPreferences } from "./banner";
import { speak } from "./language";
import { build, style } from "./tree";

const shown = new WeakMap<HTMLIFrameElement, () => void>();

export function showPlaceholder(frame: HTMLIFrameElement, purposes: string[]): void {
  if (shown.has(frame)) return;
  const host = document.createElement("temoin-placeholder");
  const root = host.attachShadow({ mode: "open" });
  speak().then(([language, { text }]) => {
    host.lang = language;
    const why = text.placeholder?.replace("{tracker}", new URL(frame.dataset.src ?? "", document.baseURI).host);
    const button = ["button", { type: "button" }, text.placeholder_button ?? ""] as const;
    root.append(build(["div", { "data-t": "placeholder" }, ["p", 0, why ?? ""], button]));
    root.querySelector("button")?.addEventListener("click", () => openPreferences(purposes));
  });
  style(root);
  const { width, height, style: own } = frame;
  // As large as the frame's attributes say: no layout shift when the frame takes its place back.
  const size = (value: string, usual: string): string => (/%/.test(value) ? value : `${value || usual}px`);
  host.style.cssText = `display:inline-block;max-width:100%;width:${size(width, "300")};height:${size(height, "150")}`;
  const { display } = own;
  own.setProperty("display", "none", "important");
  frame.before(host);
  shown.set(frame, () => {
    host.remove();
    own.display = display;
  });
}

export function removePlaceholder(frame: HTMLIFrameElement): void {
  shown.get(frame)?.();
  shown.delete(frame);
}
