/** Matomo, cookie consent: measured without cookies until `setCookieConsentGiven`. */
import type { Signal } from "../config";

export default ((_, analytics, first) => {
  const page = window as { _paq?: string[][] };
  page._paq ??= [];
  page._paq.push([first ? "requireCookieConsent" : analytics ? "setCookieConsentGiven" : "forgetCookieConsentGiven"]);
}) satisfies Signal;
