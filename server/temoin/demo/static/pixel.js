// A stand-in for an advertising pixel's script, which is not on npm: written for this demo, it is nobody
// else's code. It works off the queue of the inline snippet, keeps a browser id in a first-party cookie,
// and reports by images, as such pixels do.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const queue = window.fbq;
  let account = "";

  const kept = () => document.cookie.split("; ").find((pair) => pair.startsWith("_fbp="))?.slice(5);

  function browser() {
    const value = kept() || `fb.1.${Date.now()}.${Math.floor(Math.random() * 1e10)}`;
    // On the widest domain that the browser takes, as such scripts do.
    const labels = location.hostname.split(".");
    const domains = labels.map((_, index) => `; domain=${labels.slice(-index - 1).join(".")}`).slice(1);
    for (const domain of [...domains, ""]) {
      document.cookie = `_fbp=${value}; path=/; max-age=${90 * 86400}; SameSite=Lax${domain}`;
      if (kept() === value) break;
    }
    return value;
  }

  function run(command, name) {
    if (command === "init") account = name;
    if (command !== "track") return;
    const query = new URLSearchParams({ id: account, ev: name, dl: location.href, ts: Date.now(), fbp: browser() });
    new Image().src = `${home}/tr?${query}`;
  }

  queue.run = run;
  queue.queue.splice(0).forEach((entry) => run(...entry));
})();
