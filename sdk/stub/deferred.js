/**
 * The deferred form's inline half. It stands in the page itself, first in `<head>`, and holds the dynamic ways out of what
 * names a tracker until the script, which loads beside the page, is there. Then all of it is done again, in its order,
 * and the script's own gates say what may be. Where the script never comes, none of it ever happens.
 *
 * It knows no choices: one expression, which the service makes of the site's trackers, tells it what has to wait. It is
 * small before it is precise: for that moment it holds a whole host where the script knows paths.
 */

((page) => {
  /** What the page did, to be done again; null from then on. */
  let held = [];
  /** In the token's place: trackers' addresses anywhere in a text, names of their cookies and keys at its start. */
  const waits = (value) => held && __TEMOIN_TRACKERS__.test(value?.url ?? value);

  /** Nodes that load nothing yet get their addresses when it is time; a link only says where one may go. */
  function strip(root) {
    for (const element of [root, ...root.querySelectorAll("*")])
      for (const { name, value } of [...(element.attributes ?? [])])
        if (element.localName !== "a" && waits(value)) {
          element.removeAttribute(name);
          held.push(() => element.setAttribute(name, value));
        }
    return root;
  }

  /** Functions and setters, behind whose they are; `fetch` is the window's. */
  const OUT =
    "fetch HTMLScriptElement src HTMLImageElement src srcset HTMLIFrameElement src HTMLMediaElement src HTMLLinkElement href Element setAttribute innerHTML outerHTML insertAdjacentHTML Document write writeln cookie Storage setItem XMLHttpRequest open setRequestHeader send Navigator sendBeacon ServiceWorkerContainer register CSSStyleDeclaration setProperty cssText CSSStyleSheet insertRule replaceSync";
  /** By these, nodes of other documents come into the page, or are made. */
  const IN =
    "Document importNode adoptNode Range createContextualFragment insertNode Node appendChild insertBefore replaceChild Element append prepend before after replaceWith";

  /** Puts `make(owner, name, place)` between the page and each of the functions. */
  function gate(words, make) {
    let target = page;
    for (const name of words.split(" ")) {
      const found = Object.getOwnPropertyDescriptor(target, name);
      const { set } = found ?? {};
      const native = set ?? found?.value;
      if (page[name]?.prototype) target = page[name].prototype;
      else if (native)
        Object.defineProperty(target, name, {
          ...found,
          [set ? "set" : "value"](...args) {
            return held ? make(native, this, args, name, set) : native.apply(this, args);
          },
        });
    }
  }

  gate(OUT, (native, self, args, name, set) => {
    const address = args[+/^(open|setA|setP|insertAd)/.test(name)];
    if (!self.$held && (self.content || (args[0] === "href" && self.localName === "a") || !waits(address)))
      return native.apply(self, args);
    // A request's later steps wait with its opening.
    if (name === "open") self.$held = 1;
    // A promise for those who wait for one, true enough for a beacon. What is written late would replace the page: never.
    return new Promise((done) => {
      if (name < "w") held.push(() => done(set ? Reflect.set(self, name, args[0]) : self[name](...args)));
    });
  });

  gate(IN, (native, self, args, name) => {
    // What is imported stays where it is; its copy comes.
    for (const each of args)
      if (name[1] !== "m" && each?.querySelectorAll && each.ownerDocument !== document) strip(each);
    const made = native.apply(self, args);
    return made?.querySelectorAll && !made.isConnected ? strip(made) : made;
  });

  for (const name of ["WebSocket", "EventSource", "Worker", "SharedWorker", "Audio"])
    page[name] = new Proxy(page[name], {
      construct(native, args, target) {
        if (!waits(args[0])) return Reflect.construct(native, args, target);
        const dead = document.createElement("i");
        dead.send = dead.close = dead.postMessage = () => {};
        setTimeout(() => dead.dispatchEvent(new Event("error")));
        return dead;
      },
    });

  /** Called by the script once its own gates stand. */
  page.temoinHeld = () => {
    const list = held;
    held = null;
    for (const again of list)
      try {
        again();
      } catch {}
  };
})(window);
