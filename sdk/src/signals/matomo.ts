/** Matomo, tracking consent: nothing is sent before `setConsentGiven`. */
import type { Signal } from "../config";

export default ((_, analytics, first) => {
  const page = window as { _paq?: string[][] };
  page._paq ??= [];
  page._paq.push([first ? "requireConsent" : analytics ? "setConsentGiven" : "forgetConsentGiven"]);
}) satisfies Signal;
