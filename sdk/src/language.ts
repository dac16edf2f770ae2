/** Which language the banner speaks: the page's, else the first of the browser's that there is, else the site's own. */
import { base, config, type Ui } from "./config";

// Taken before the gates are installed.
const send = window.fetch;

/** A banner and the language that it is in. */
export type Spoken = readonly [language: string, ui: Ui];

/** `pt-BR` finds itself, else any other `pt`. */
function language(): string {
  const have = Object.keys(config.languages);
  const short = (tag: string): string => tag.toLowerCase().replace(/-.*/, "");
  for (const wanted of [document.documentElement.lang, ...(navigator.languages ?? [])]) {
    const found = have.includes(wanted) ? wanted : have.find((tag) => short(tag) === short(wanted));
    if (found) return found;
  }
  return config.language;
}

async function load(wanted: string): Promise<Spoken> {
  const response = await send(`${base}/s/${config.site}/${config.languages[wanted]}.${wanted}.json`);
  const ui: Ui = await response.json();
  if (!ui.text) throw response;
  return [wanted, ui];
}

let wanted: string | undefined;
let answer: Promise<Spoken>;

/**
 * The banner in the page's language. Its file never changes, so a return visitor's browser has it in its cache; where it
 * cannot be had, the inlined one serves: an honest banner in another language is better than none.
 */
export function speak(): Promise<Spoken> {
  const now = language();
  const inlined: Spoken = [config.language, config.ui];
  if (now !== wanted) {
    wanted = now;
    answer = now === config.language ? Promise.resolve(inlined) : load(now).catch(() => inlined);
  }
  return answer;
}
