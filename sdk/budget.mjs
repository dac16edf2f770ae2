/** Byte budgets: brotli 11 of the script alone, and of the script with a realistic configuration, as it is delivered. */
import { brotliCompressSync, constants } from "node:zlib";

const brotli = (text) =>
  brotliCompressSync(Buffer.from(text), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/**
 * `budget` holds limits in bytes, the goals that they are to come down to, and a ClientConfig of 5 purposes and 10
 * trackers with the banner that the service makes of it.
 */
export function measure(script, budget) {
  const literal = JSON.stringify(budget.config).replaceAll("<", "\\u003c");
  const whole = script.replace("__TEMOIN_CONFIG__", () => literal);
  return [
    { name: "script alone", bytes: brotli(script), limit: budget.script, goal: budget.goal.script },
    { name: "script, configuration and banner", bytes: brotli(whole), limit: budget.whole, goal: budget.goal.whole },
  ];
}
