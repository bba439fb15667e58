// Runs in the browser: a session, the talk, and who is there.
import { Session } from "@holdfast/session";
import { websocket } from "holdfast";
import { Ear, type Word } from "./word.ts";

const name = new URLSearchParams(location.search).get("name") ?? "Anna";
const uris = await (await fetch("servers")).json() as string[];
const ear = new Ear();

const session = new Session({ endpoints: uris, transports: [websocket()], auth: name, timeout: 10_000 });
session.receive((message) => {
  const word = JSON.parse(String(message)) as Word;
  if ("present" in word) list("present", word.present);
  else if (ear.isNew(word)) add("talk", `${word.from}: ${word.text}`);
});
session.on("attached", ({ endpoint, epoch, continuity }) => { state("attached", `attached to ${endpoint}, for the ${epoch}. time (${continuity})`); });
session.on("detached", ({ cause, unconfirmed }) => { state("detached", `detached (${cause}), ${unconfirmed} of ours on their way`); });
session.on("closed", ({ cause, error }) => { state("closed", error?.message ?? cause); });

find<HTMLFormElement>("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = find<HTMLInputElement>("text");
  if (input.value !== "") session.send(input.value); // Whether attached or not.
  input.value = "";
});
find("kill").addEventListener("click", () => { void fetch("kill", { method: "POST", body: session.snapshot().link.endpoint ?? "" }); });
addEventListener("pagehide", () => { void session.close(); }); // Or the name stays taken for the timeout.
await session.open();

function list(id: string, entries: readonly string[]): void {
  find(id).replaceChildren();
  for (const entry of entries) add(id, entry);
}

function add(id: string, entry: string): void {
  const item = document.createElement("li");
  item.textContent = entry;
  find(id).append(item);
}

function state(phase: string, words: string): void {
  find("state").textContent = words;
  find("state").dataset["phase"] = phase;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind; // All of them are in index.html.
}
