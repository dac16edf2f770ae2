// A list of work that goes on: fetched anew each second until nothing in it is under way. Without this file, a link does it.
const place = document.querySelector("[data-follow]");

async function follow() {
  const answer = await fetch(location.pathname);
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(place.id);
  for (const bar of place.querySelectorAll("progress")) {
    const now = next.querySelectorAll("progress")[0];
    if (now && next.hasAttribute("data-follow")) {
      bar.max = now.max;
      bar.value = now.value;
      bar.nextSibling.textContent = now.nextSibling.textContent;
    }
  }
  if (next.hasAttribute("data-follow")) setTimeout(follow, 1000);
  else place.replaceChildren(...next.childNodes);
}

setTimeout(follow, 500);
