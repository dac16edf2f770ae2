/** Random identifiers, made at the first choice and never before. Both throw where the browser has no crypto. */

const random = (length: number): number[] => [...crypto.getRandomValues(new Uint8Array(length))];

/** 128 random bits as 22 characters of base64url. */
export const newSubject = (): string =>
  btoa(String.fromCharCode(...random(16))).replace(/\W/g, (c) => (c === "+" ? "-" : c === "/" ? "_" : ""));

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, version 7, 12 random bits, variant 8-b, 62 random bits. */
export function newDecisionId(now: number): string {
  const digits = random(19).map((byte, place) => (place === 3 ? 8 + (byte & 3) : byte & 15).toString(16));
  return hyphenate(`${now.toString(16).padStart(12, "0")}7${digits.join("")}`);
}

export const hyphenate = (id: string): string => id.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
