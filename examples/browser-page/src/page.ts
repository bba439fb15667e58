// Runs in the browser: a link, and what it says on the page.
import { connect, framed } from "holdfast";

const link = connect(`ws://${location.host}/live`, {
  protocol: framed(), // It has pings of its own: those of WebSocket are out of a page's reach.
  heartbeat: { preset: "lan", interval: 500 },
});

link.on("connected", ({ epoch }) => { show("connections", String(epoch)); note("connected"); });
link.on("disconnected", ({ cause }) => { note(`connection lost: ${cause}`); });
link.on("failed", ({ error }) => { note(error.message); });
link.on("waiting", ({ delay }) => { note(`next dial in ${Math.round(delay)} ms`); });
link.on("message", (message) => { show("news", String(message)); });

setInterval(() => {
  const { phase, rtt } = link.snapshot();
  show("state", phase).dataset["phase"] = phase;
  show("rtt", rtt ? `${rtt.smoothed.toFixed(1)} ms` : "-");
}, 100);

// The network may be back, or somebody looks again: do not wait for the next dial or the next ping.
addEventListener("online", () => { link.retryNow(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") link.retryNow(); });
addEventListener("pagehide", () => { void link.close(); });

document.querySelector("#cut")?.addEventListener("click", () => { void fetch("cut", { method: "POST" }); });

function show(id: string, text: string): HTMLElement {
  const element = document.getElementById(id) as HTMLElement; // All of them are in index.html.
  element.textContent = text;
  return element;
}

function note(text: string): void {
  const item = document.createElement("li");
  item.textContent = `${new Date().toLocaleTimeString()}  ${text}`;
  document.querySelector("#log")?.prepend(item);
}
