import { expect, it, onTestFinished } from "vitest";
import type { Told } from "./told.ts";

it("connects, echoes and comes back after a loss inside a Web Worker", async () => {
  const worker = new Worker(new URL("./conversation-worker.ts", import.meta.url), { type: "module" });
  onTestFinished(() => { worker.terminate(); });
  const told = await new Promise<Told>((resolve, reject) => {
    worker.onmessage = ({ data }) => { resolve(data as Told); }; // The only message it sends.
    worker.onerror = ({ message }) => { reject(new Error(`the worker failed: ${message || "it could not be loaded"}`)); };
  });
  expect(told).toEqual({ document: false, heard: ["connected", "first", "disconnected closed", "connected", "second", "disconnected requested"] });
});
