// A part of the page that goes on: `data-follow` holds the seconds after which it is fetched anew, as long as it says so.
// Without this file a link, or the browser's own button, does it.
const part = document.querySelector("[data-follow]");

async function follow() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
  const goesOn = next.hasAttribute("data-follow");
  // Whoever is on a button in it keeps the focus: then only the bars move.
  if (goesOn && part.contains(document.activeElement)) move(next);
  else part.replaceChildren(...next.childNodes);
  if (goesOn) wait();
}

function move(next) {
  const bars = next.querySelectorAll("progress");
  part.querySelectorAll("progress").forEach((bar, place) => {
    const now = bars[place];
    if (now) Object.assign(bar, { max: now.max, value: now.value });
  });
}

const wait = () => setTimeout(follow, Number(part.dataset.follow) * 1000);
if (part) wait();
