/**
 * What the visitor has chosen and what is in force. The two differ: a refusal is in force from the click, a grant only
 * once the service has acknowledged it (no proof, no tracker).
 */

import { asked, config, type Purpose } from "./config";
import { type Choice, parse, read, write } from "./cookie";

let current: Choice | null = null;
/** Purposes whose grant the service has acknowledged; a newer, unacknowledged choice can only take away from them. */
let proved: string[] = [];
/** The cookie as this page last saw it, to notice what another tab, or the visitor, did to it. */
let seen: string | undefined;

const entry = ({ id, scope }: Purpose): string => `${id}:${scope}`;

/** The present choice, or null where there is none or it has expired. */
export const present = (): Choice | null => (current && current.expires > Date.now() ? current : null);

/** True or false as decided under the purpose's present scope; undefined where the visitor is still to be asked. */
export function decided(purpose: Purpose): boolean | undefined {
  const entries = present()?.entries ?? [];
  return entries.includes(entry(purpose)) || (entries.includes(`-${entry(purpose)}`) ? false : undefined);
}

/** Whether a purpose is in force now: exempt, or granted, acknowledged and not expired. Unknown ids never are. */
export const granted = (id: string): boolean =>
  config.purposes.some((purpose) => purpose.id === id && (purpose.exempt || (proved.includes(id) && !!present())));

export const undecided = (): boolean => asked().some((purpose) => decided(purpose) === undefined);

/** Whether a grant waits for the service's acknowledgement. */
export const awaited = (): boolean => asked().some((purpose) => decided(purpose) && !granted(purpose.id));

/** What is in force, for others: an undecided purpose, or a grant still without proof, is absent. */
export function choices(): Record<string, boolean> {
  const told = asked().filter((purpose) => granted(purpose.id) || decided(purpose) === false);
  return Object.fromEntries(told.map(({ id }) => [id, granted(id)]));
}

/** Makes `choice` the present one; tells whether something in force was thereby taken away. */
export function adopt(choice: Choice | null): boolean {
  const before = proved;
  current = choice;
  proved = asked()
    .filter((purpose) => decided(purpose) && (choice?.recorded || before.includes(purpose.id)))
    .map(({ id }) => id);
  return before.some((id) => !proved.includes(id));
}

/** The same, and keeps it on the device. */
export function keep(choice: Choice | null): boolean {
  write(choice);
  seen = read();
  return adopt(choice);
}

/** Looks whether another tab, the visitor's settings or the calendar changed the choice; tells whether they did. */
export function reread(): boolean {
  const value = read();
  if (value !== seen) adopt(parse(value));
  else if (current && !present()) adopt(null);
  else return false;
  seen = value;
  return true;
}

/** The entries of a new choice: every asked purpose under its present scope. */
export const entriesOf = (wanted: Readonly<Record<string, boolean>>): string[] =>
  asked().map((purpose) => (wanted[purpose.id] ? "" : "-") + entry(purpose));
