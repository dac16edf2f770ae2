/**
 * ISO 8601 periods as calendar arithmetic: the same day of the later month, or its last day where that month is shorter.
 *
 * Used only until the service's receipt brings the true expiry.
 */

/** `from` plus `period` (such as P13M), in epoch milliseconds. */
export function after(from: number, period: string): number {
  const count = (unit: string): number => parseInt(new RegExp(`\\d+${unit}`).exec(period)?.[0] ?? "0", 10);
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + count("Y") * 12 + count("M"));
  // 31 January + 13 months overflows into March: day 0 steps back to the last day of February.
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return +date + (count("W") * 7 + count("D")) * 864e5;
}
