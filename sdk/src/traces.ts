/** Deletes what trackers that are not granted have left: cookies on every domain and path in reach, keys, databases. */
import { config } from "./config";
import { jar, secure } from "./cookie";
import { nameDenied } from "./match";

/** Cookies alone, which every request takes along; what only scripts read waits where opening it would delay a page. */
export function deleteCookies(): void {
  for (const pair of jar().split("; ")) {
    const name = pair.split("=")[0];
    if (!nameDenied("cookie", name)) continue;
    // The host and each parent domain; the browser ignores those that may not be set (public suffixes).
    const labels = location.hostname.split(".");
    for (const domain of ["", ...labels.map((_, at) => `; Domain=${labels.slice(at).join(".")}`)]) {
      // `/`, and each prefix of the page's path with and without its last slash.
      let path = "";
      for (const part of location.pathname.split("/")) {
        path += part;
        jar(`${name}=; Max-Age=0; Path=${path}${domain}${secure}`);
        path += "/";
        jar(`${name}=; Max-Age=0; Path=${path}${domain}${secure}`);
      }
    }
  }
}

/** Where the browser can list them. One that is still open elsewhere goes when it is closed. */
async function deleteDatabases(): Promise<void> {
  try {
    for (const { name = "" } of await indexedDB.databases())
      if (nameDenied("key", name)) indexedDB.deleteDatabase(name);
  } catch {}
}

export function deleteTraces(): void {
  deleteCookies();
  // Without an origin (sandbox) there are none, and Chromium's rejection could not be caught.
  if (origin !== "null" && config.trackers.some(({ storage }) => storage[0])) deleteDatabases();
  for (const area of ["localStorage", "sessionStorage"] as const) {
    try {
      for (const key of Object.keys(window[area])) if (nameDenied("key", key)) window[area].removeItem(key);
    } catch {} // Storage that throws keeps nothing either.
  }
}
