// A stand-in for Google's gtag.js, which is not on npm: written for this demo, it is not Google's code.
// It reads the dataLayer as that script does (only what gtag() pushed), keeps a client id and a session
// in cookies of the same names and shapes, and reports page views and events to the host it came from.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const layer = (window.dataLayer = window.dataLayer || []);
  const read = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  const keep = (name, value, seconds) => {
    // On the widest domain that the browser takes, as such scripts do: a shop's www and bare names share it.
    const labels = location.hostname.split(".");
    const domains = labels.map((_, index) => `; domain=${labels.slice(-index - 1).join(".")}`).slice(1);
    for (const domain of [...domains, ""]) {
      document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${domain}`;
      if (read(name) === value) return;
    }
  };
  const now = () => Math.floor(Date.now() / 1000);
  let target = null;

  function client(seconds) {
    const value = read("_ga") || `GA1.1.${Math.floor(Math.random() * 2 ** 31)}.${now()}`;
    keep("_ga", value, seconds);
    return value.split(".").slice(2).join(".");
  }

  function send(event, parameters) {
    if (!target) return;
    const query = new URLSearchParams({
      v: "2", tid: target.id, cid: client(target.seconds), en: event, dl: location.href, dt: document.title, ...parameters,
    });
    navigator.sendBeacon(`${home}/g/collect?${query}`);
  }

  function config(id, options = {}) {
    target = { id, seconds: options.cookie_expires || 63072000 };
    keep(`_ga_${id.replace(/^G-/, "")}`, `GS1.1.${now()}.1.0.${now()}.0.0.0`, target.seconds);
    if (options.send_page_view !== false) send("page_view", {});
  }

  function run(entry) {
    if (Object.prototype.toString.call(entry) !== "[object Arguments]") return;
    const [command, name, options] = entry;
    if (command === "config") config(name, options);
    if (command === "event") send(name, options);
  }

  layer.forEach(run);
  const push = layer.push;
  layer.push = function (...entries) {
    const length = push.apply(layer, entries);
    entries.forEach(run);
    return length;
  };
})();
