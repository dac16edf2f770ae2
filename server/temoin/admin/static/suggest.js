// Known third parties while one types. Without this file the form searches on its own.
const field = document.querySelector("input[data-suggest]");
const place = document.getElementById("known");

async function suggest() {
  const words = field.value.trim();
  if (words.length < 2) {
    place.replaceChildren();
    return;
  }
  const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`);
  if (!answer.ok || field.value.trim() !== words) return;
  const known = await answer.json();
  place.replaceChildren(known.length > 0 ? list(known) : element("p", "muted", field.dataset.none));
}

function list(known) {
  const made = element("ul", "known");
  for (const party of known) {
    const link = element("a", "", party.name);
    link.href = `${field.dataset.new}?from=${encodeURIComponent(party.name)}`;
    const more = [party.company, party.category, party.match[0]].filter(Boolean).join(" · ");
    const line = element("li");
    line.append(link, " ", element("span", "muted", more));
    made.append(line);
  }
  return made;
}

function element(name, kind = "", words = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = words;
  return made;
}

let waiting = 0;
field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void suggest(), 120);
});
// What was typed before this file arrived.
if (field && field.value !== field.defaultValue) void suggest();
