import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Stage } from "./stage.ts";

const folder = fileURLToPath(new URL("../../testdata/", import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));

/** Plays the sentences (`> …`) of a transcript and gives the whole text again, with what really came of each. */
async function replayed(text: string): Promise<string> {
  const [opening = "", ...rest] = text.split("\n\n");
  const stage = new Stage();
  const lines: string[] = [];
  for (const line of rest.join("\n\n").split("\n")) {
    if (line.startsWith("> ")) lines.push(line, ...(await stage.play(line.slice(2))));
    else if (line === "" || line.startsWith("#")) lines.push(line);
  }
  return `${opening}\n\n${lines.join("\n")}`;
}

describe("the transcripts in testdata", () => {
  it.each(files)("%s happens as it is written (HOLDFAST_UPDATE=1 writes it anew)", async (file) => {
    const happened = await replayed(readFileSync(folder + file, "utf8"));
    if (process.env["HOLDFAST_UPDATE"] === "1") writeFileSync(folder + file, happened);
    expect(happened).toBe(readFileSync(folder + file, "utf8"));
  });

  it.each(files)("%s begins with a sentence that says what it shows", (file) => {
    const [opening = ""] = readFileSync(folder + file, "utf8").split("\n\n");
    expect(opening).toMatch(/^[A-Z][^>]*\.$/);
  });

  it("are at least eight", () => {
    expect(files.length).toBeGreaterThanOrEqual(8);
  });
});
