// The block "chosen for you" of an invented recommendation service, written for this demo: asks the
// service in which order to show the shop's products.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const list = document.querySelector("[data-reco]");
  fetch(`${home}/v1/choix?page=${encodeURIComponent(location.pathname)}`)
    .then((answer) => answer.json())
    .then(({ choix }) => {
      for (const slug of choix.reverse()) {
        const item = list.querySelector(`[data-slug="${slug}"]`);
        if (item) list.prepend(item);
      }
      list.dataset.ready = "true";
    });
})();
