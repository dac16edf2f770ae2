/** Cookies, storage keys and databases of a script: refused by name, as a browser does that keeps none. */
import { nameDenied, nameListed } from "../match";
import { dead, fire, gate } from "./gate";

/** Databases that trackers have open: a database cannot be deleted while somebody holds on to it. */
let open: IDBDatabase[] = [];

export function gateStorage(): void {
  gate("Document", "cookie", (_, args) => nameDenied("cookie", String(args[0]).split(/[=;]/)[0]?.trim()) && [], "set");
  gate("CookieStore", "set", (_, args) => nameDenied("cookie", args[0]?.name ?? args[0]) && [Promise.resolve()]);
  gate("Storage", "setItem", (_, args) => nameDenied("key", args[0]) && []);
  gate("IDBFactory", "open", (self, args, native) => {
    if (!nameListed("key", args[0])) return false;
    if (nameDenied("key", args[0])) return [fire(dead({ readyState: "done", error: new DOMException("") }), "error")];
    const request = native.apply(self, args) as IDBOpenDBRequest;
    request.addEventListener("success", () => {
      open.push(request.result);
      closeDatabases(); // Withdrawn meanwhile.
    });
    return [request];
  });
}

export function closeDatabases(): void {
  open = open.filter((database) => !nameDenied("key", database.name) || database.close());
}
