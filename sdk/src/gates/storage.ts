/** Cookies and storage keys that a script writes: refused by name, silently, as a browser does that keeps none. */
import { nameDenied } from "../match";
import { gate } from "./gate";

export function gateStorage(): void {
  gate("Document", "cookie", (_, args) => nameDenied("cookie", String(args[0]).split(/[=;]/)[0]?.trim()) && [], "set");
  gate("CookieStore", "set", (_, args) => nameDenied("cookie", args[0]?.name ?? args[0]) && [Promise.resolve()]);
  gate("Storage", "setItem", (_, args) => nameDenied("key", args[0]) && []);
}
