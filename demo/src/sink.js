// Where a bundle may talk to: the origin that it was loaded from, and no other.
// `document.currentScript` is only there while the script itself runs, so it is read at once.

const script = document.currentScript;

export const sink = new URL(script.src).origin;

/** Calls `send(name, properties)` for each click on an element of the shop that carries `data-event`. */
export function onShopEvent(send) {
  document.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-event]") : null;
    if (element) send(element.dataset.event, { path: location.pathname, item: element.dataset.item ?? "" });
  });
}
