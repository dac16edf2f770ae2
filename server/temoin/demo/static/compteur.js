// Keeps the counter page in step with the ledger. Without script the page shows the state it was served with.
const words = document.body.dataset;
const state = document.querySelector("[data-state]");
const time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "medium", hourCycle: "h23" });

function show({ total, hosts }) {
  const sum = document.querySelector("[data-total]");
  sum.dataset.count = total;
  sum.querySelector("b").textContent = total;
  sum.querySelector("span").textContent = total === 0 ? words.none : total === 1 ? words.one : words.some;
  for (const [id, tally] of Object.entries(hosts)) showHost(document.querySelector(`[data-host="${id}"]`), tally);
  showRecent(hosts);
}

function showHost(row, tally) {
  const before = Number(row.dataset.count);
  row.dataset.count = tally.requests;
  row.querySelector("[data-number]").textContent = tally.requests;
  const last = tally.latest.at(-1);
  row.querySelector("[data-latest]").textContent = last ? `${words.last} ${time.format(new Date(last.at))}` : words.quiet;
  if (tally.requests > before && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
    row.animate([{ boxShadow: "0 0 0 4px var(--hot)" }, { boxShadow: "0 0 0 4px transparent" }], 900);
  }
}

function showRecent(hosts) {
  const all = Object.entries(hosts).flatMap(([id, tally]) => tally.latest.map((hit) => ({ id, ...hit })));
  const rows = all.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, 12).map((hit) => {
    const row = document.createElement("tr");
    for (const text of [time.format(new Date(hit.at)), hit.id, hit.method, hit.path]) row.insertCell().textContent = text;
    return row;
  });
  const table = document.querySelector("[data-recent]");
  if (rows.length) return table.replaceChildren(...rows);
  const empty = document.createElement("tr");
  empty.insertCell().textContent = words.quiet;
  table.replaceChildren(empty);
}

const source = new EventSource("/events");
source.onmessage = (event) => show(JSON.parse(event.data));
source.onopen = () => { state.textContent = words.live; state.classList.remove("lost"); };
source.onerror = () => { state.textContent = words.lost; state.classList.add("lost"); };

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  fetch("/reset", { method: "POST", redirect: "manual" });
});
