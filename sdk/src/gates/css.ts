/** Style sheets and declarations that a script writes: a tracker's address in them is blotted out until it may be there. */
import { denied } from "../match";
import { hold } from "./elements";
import { gate } from "./gate";

const ADDRESS = /(url\(\s*["']?|@import\s+["'])([^"')]+)/gi;

export const cssAddresses = (css: string): string[] => [...css.matchAll(ADDRESS)].map(([, , url = ""]) => url);

const blotted = (css: string): string =>
  css.replace(ADDRESS, (whole, before, url) => (denied(url) ? `${before}about:invalid` : whole));

/** `place` is the argument that holds the CSS; the name keeps declarations apart. */
function gateText(owner: string, name: string, place = 0, part: "value" | "set" = "value"): void {
  gate(
    owner,
    name,
    (self, args, native) => {
      if ((self.localName ?? "style") !== "style" || !/url|@import/i.test(args[place])) return false;
      const css = String(args[place]);
      const own = `style ${name} ${place ? args[0] : ""}`;
      const held = hold(self, own, css, () => native.apply(self, args));
      return (
        held && [
          native.apply(
            self,
            args.map((arg, at) => (at === place ? blotted(css) : arg)),
          ),
        ]
      );
    },
    part,
  );
}

export function gateStyles(): void {
  gateText("CSSStyleDeclaration", "setProperty", 1);
  gateText("CSSStyleDeclaration", "cssText", 0, "set");
  gateText("CSSStyleSheet", "replace");
  gateText("CSSStyleSheet", "replaceSync");
  gateText("Node", "textContent", 0, "set");
  gate("CSSStyleSheet", "insertRule", (self, [css, at = 0], native) => {
    if (!/url|@import/i.test(css)) return false;
    const put = (): void => {
      const index = [...self.cssRules].indexOf(rule);
      if (index < 0) return;
      self.deleteRule(index);
      native.call(self, css, index);
    };
    if (!hold(self, `style ${css}`, css, put)) return false;
    const index = native.call(self, blotted(css), at) as number;
    const rule = self.cssRules[index];
    return [index];
  });
}
