/**
 * What the service writes into the script: the site's published configuration, and the banner in one language.
 *
 * The service replaces the single token `__TEMOIN_CONFIG__` of the bundle by a literal of this shape.
 */

import type { TemoinUi } from "./temoin";

/** A purpose; `scope` changes when visitors must be asked again (EDPB 05/2020, paragraph 110). */
export interface Purpose {
  readonly id: string;
  readonly scope: string;
  readonly exempt?: 1;
}

/** A tracker: where its requests go and what it keeps. In every pattern `*` stands for any characters. */
export interface Tracker {
  readonly id: string;
  readonly purposes: readonly string[];
  /** `host/path*`, `host` (every path) or `*.host` (that host too). No scheme; a port only where it matters. */
  readonly match: readonly string[];
  readonly cookies: readonly string[];
  readonly storage: readonly string[];
  /** Of the web's third parties, which the site holds by category; not one that it has named. */
  readonly known?: 1;
}

export type Attributes = Readonly<Record<string, string>>;

/** Text, or an element: tag, attributes (0 for none), children. Never HTML, so no Trusted Types policy is needed. */
export type TreeNode = string | readonly [tag: string, attributes: Attributes | 0, ...TreeNode[]];

/** A banner in one language. Only the inlined one brings `css`; all languages share it. No `tree`: the site's own. */
export interface Ui extends TemoinUi {
  readonly css?: string;
  readonly tree?: TreeNode;
}

/** Exempt measurement, where the site has it: see measure/measure.ts. `purpose` adds campaigns once it is granted. */
export interface Measure {
  readonly purpose: string;
  readonly search: readonly string[];
  readonly objections: readonly string[];
}

/** Tells somebody what is in force; `first` before any tag can run, when all is denied. */
export type Signal = (ads: boolean, analytics: boolean, first: boolean) => void;

export interface ClientConfig {
  readonly site: string;
  readonly version: string;
  readonly base: string;
  /** Only the estimate of an unacknowledged choice's expiry comes from it. */
  readonly validity: readonly [months: number, days: number];
  readonly domain: string | null;
  readonly purposes: readonly Purpose[];
  readonly trackers: readonly Tracker[];
  readonly gpc: "refuse" | "ignore";
  /** Those of signals/ that the site has switched on: code, which the service writes in. */
  readonly signals: readonly Signal[];
  readonly measure?: Measure;
  readonly language: string;
  /** Content hash of each language's file, `{base}/s/{site}/{hash}.{language}.json`. */
  readonly languages: Readonly<Record<string, string>>;
  readonly ui: Ui;
}

declare const __TEMOIN_CONFIG__: ClientConfig;

export const config = __TEMOIN_CONFIG__;

const tag = document.currentScript as HTMLScriptElement | null;
const [address = "", end] = [tag?.src.split(/[?#]/, 1)[0], `/s/${config.site}.js`];

/** Where the service is: where this script came from, so that a proxy or a CNAME in front of it is kept. */
export const base = address.endsWith(end) ? address.slice(0, -end.length) : config.base;

/** The purposes that the visitor decides on, in the order shown. */
export const asked = (): Purpose[] => config.purposes.filter((purpose) => !purpose.exempt);
