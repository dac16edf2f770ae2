// Firefox by WebDriver BiDi: one JSON command a line on standard input, one JSON answer a line on standard output.
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.argv[2],
  headless: true,
  extraPrefsFirefox: { "intl.accept_languages": "fr-FR, fr", "datareporting.policy.dataSubmissionEnabled": false },
});
let context;
let page;
let errors = [];

const commands = {
  async open() {
    context = await browser.createBrowserContext();
    page = await context.newPage();
    errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
  },
  async close() {
    await context?.close();
  },
  async goto({ url }) {
    await page.goto(url, { waitUntil: "load" });
  },
  async evaluate({ body }) {
    return await page.evaluate(`(async () => { ${body} })()`);
  },
  async click({ path }) {
    const handle = await page.evaluateHandle(`document${path}`);
    await handle.asElement().click();
  },
  async press({ key }) {
    await page.keyboard.press(key);
  },
  async errors() {
    return errors;
  },
  async screenshot({ file }) {
    await page.screenshot({ path: file });
  },
};

console.log(JSON.stringify({ version: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await commands[command](given)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
await browser.close();
