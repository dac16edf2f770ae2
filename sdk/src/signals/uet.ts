/** Microsoft Advertising (UET): its queue is an array that its tag keeps. */
import type { Signal } from "../config";

export default ((ads, _, first) => {
  const page = window as { uetq?: unknown[] };
  page.uetq ??= [];
  page.uetq.push("consent", first ? "default" : "update", { ad_storage: ads ? "granted" : "denied" });
}) satisfies Signal;
