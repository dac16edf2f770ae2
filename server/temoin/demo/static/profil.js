// A module of an invented recommendation service, written for this demo: it gives the browser an id,
// remembers which pages were seen, and tells the service.
const home = new URL(import.meta.url).origin;
const kept = document.cookie.split("; ").find((pair) => pair.startsWith("reco_id="));
const id = kept ? kept.slice(8) : Math.random().toString(36).slice(2);
document.cookie = `reco_id=${id}; path=/; max-age=${180 * 86400}; SameSite=Lax`;

const seen = JSON.parse(localStorage.getItem("reco_vues") || "[]");
localStorage.setItem("reco_vues", JSON.stringify([...seen, location.pathname].slice(-20)));
fetch(`${home}/v1/vues`, { method: "POST", body: JSON.stringify({ id, page: location.pathname }), keepalive: true });
