/**
 * A choice's validity as calendar arithmetic: the same day of the later month, or its last day where that month is shorter.
 *
 * Used only until the service's receipt brings the true expiry.
 */

/** `from` plus some months and days, in epoch milliseconds. */
export function after(from: number, [months, days]: readonly [number, number]): number {
  const date = new Date(from);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months);
  // 31 January + 13 months overflows into March: day 0 steps back to the last day of February.
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return +date + days * 864e5;
}
