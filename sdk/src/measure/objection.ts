/** The visitor's objection to being measured: the one word that is kept on the device, the same for everybody. */
const OBJECTION = "temoin-measure";

export const objected = (): boolean => {
  try {
    return localStorage.getItem(OBJECTION) === "off";
  } catch {
    return false;
  }
};

/** One click says no for good, one more takes it back; whether this one said no. */
export function object(button: Element): boolean {
  const off = !objected();
  try {
    if (off) localStorage.setItem(OBJECTION, "off");
    else localStorage.removeItem(OBJECTION);
  } catch {}
  button.setAttribute("aria-pressed", String(off));
  return off;
}
