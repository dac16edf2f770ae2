/* Queue stub of window.temoin: takes calls until the script has loaded. Nothing is granted meanwhile. */
window.temoin =
  window.temoin ||
  ((api) => {
    api.ready = new Promise((resolve) => {
      api.r = resolve;
    });
    for (const name of ["open", "acceptAll", "refuseAll", "save", "withdraw", "on"]) {
      api[name] = (...args) => {
        api.q.push([name, args]);
      };
    }
    api.choices = () => ({});
    api.has = () => false;
    api.receipt = () => null;
    return api;
  })({ q: [] });
