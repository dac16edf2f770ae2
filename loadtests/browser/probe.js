// Put into every page before its own scripts: notes when the banner was painted and gone, and what the page cost.
// PATH is replaced by a list of selectors, each inside the shadow root of the element that the one before selects.
(() => {
  const path = PATH;
  const noted = { painted: null, gone: null, fcp: null, shift: 0, tasks: [], interactions: [], answered: [] };
  window.__noted = noted;

  const observe = (type, note, options) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true, ...options });
  observe("paint", (entry) => {
    if (entry.name === "first-contentful-paint") noted.fcp = entry.startTime;
  });
  observe("layout-shift", (entry) => {
    if (!entry.hadRecentInput) noted.shift += entry.value;
  });
  observe("longtask", (entry) => noted.tasks.push(entry.duration));
  observe("event", (entry) => entry.interactionId && noted.interactions.push(entry.duration), { durationThreshold: 16 });

  const element = () =>
    path.reduce((root, selector) => (root?.shadowRoot ?? root)?.querySelector(selector), document);
  // In the window, of a size, not hidden, with an opacity above nought.
  const visible = () => {
    const found = element();
    if (!found?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const box = found.getBoundingClientRect();
    return box.width > 50 && box.height > 20 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  };
  // Asked in each frame, until the answer is `wanted`; the time is taken once that frame has been made.
  const when = (wanted, note) =>
    requestAnimationFrame(function look() {
      if (visible() !== wanted) return requestAnimationFrame(look);
      const channel = new MessageChannel();
      channel.port1.onmessage = () => note(performance.now());
      channel.port2.postMessage(0);
    });
  when(true, (time) => {
    noted.painted = time;
  });

  // Called right before the refusal: times count from the press of the button, up to the end of a frame after it.
  window.__watch = () => {
    noted.tasks = [];
    noted.interactions = [];
    for (const type of ["pointerdown", "pointerup", "click"])
      addEventListener(
        type,
        ({ timeStamp }) =>
          requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = () => noted.answered.push(performance.now() - timeStamp);
            channel.port2.postMessage(0);
          }),
        { capture: true, once: true },
      );
    addEventListener(
      "pointerdown",
      ({ timeStamp }) =>
        when(false, (time) => {
          noted.gone = time - timeStamp;
        }),
      { capture: true, once: true },
    );
  };
})();
