// Measures a banner as it is drawn: run in the page, answers with plain data (see rendered.py for its shape).
(layer) => {
  const root = document.querySelector("temoin-banner").shadowRoot;
  const part = root.querySelector(layer === 1 ? "[data-t~=banner]" : "dialog[data-t~=preferences]");
  const paint = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const brush = paint.getContext("2d", { willReadFrequently: true });

  const drawn = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
  };
  const above = (element) => element.parentElement ?? (element.getRootNode().host || null);
  const ancestors = (element) => {
    const all = [];
    for (let each = element; each; each = above(each)) all.push(each);
    return all;
  };
  // The colours given, painted over white in this order, as one opaque colour.
  const mixed = (colours) => {
    for (const colour of ["#fff", ...colours]) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = brush.getImageData(0, 0, 1, 1).data;
    return `#${[red, green, blue].map((each) => each.toString(16).padStart(2, "0")).join("")}`;
  };
  const grounds = (element) => ancestors(element).reverse().map((each) => getComputedStyle(each).backgroundColor);
  const words = (element) => {
    const style = getComputedStyle(element);
    const ground = grounds(element);
    return {
      text: element.textContent.trim().replace(/\s+/g, " ").slice(0, 60),
      colour: mixed([...ground, style.color]),
      ground: mixed(ground),
      size: Number.parseFloat(style.fontSize),
      weight: Number(style.fontWeight),
    };
  };
  const control = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const hit = root.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
      ...words(element),
      name: element.dataset.t,
      tag: element.localName,
      box: [box.x, box.y, box.width, box.height],
      panel: mixed(grounds(above(element))),
      font: style.fontFamily,
      border: `${style.borderTopWidth} ${style.borderTopStyle}`,
      opacity: ancestors(element).reduce((all, each) => all * Number(getComputedStyle(each).opacity), 1),
      disabled: element.disabled || element.getAttribute("aria-disabled") === "true",
      whole: box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 0.5 && box.right <= innerWidth + 0.5,
      reachable: hit === element || element.contains(hit),
    };
  };
  const named = (name) => [...part.querySelectorAll(`[data-t=${name}]`)].filter(drawn);
  const texts = [...part.querySelectorAll("*")].filter(
    (each) => drawn(each) && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
  );
  const targets = [...part.querySelectorAll("button, input, summary")].filter(drawn);
  return {
    controls: ["refuse", "accept", "choose", "save"].flatMap((name) => named(name).map(control)),
    texts: texts.map(words),
    targets: targets.map((each) => {
      const { width, height } = each.getBoundingClientRect();
      return { text: (each.textContent || each.dataset.purpose || each.id).trim().slice(0, 40), width, height };
    }),
    switches: [...part.querySelectorAll("input[type=checkbox]")].map((each) => each.checked),
    focus: root.activeElement?.dataset.t ?? "",
    scrolled: scrollY > 0 || part.scrollTop > 0,
  };
};
