// Draws docs/concepts/state-diagram.md from the machines themselves: every state is visited, every move that is found becomes an
// arrow. `node scripts/diagram.ts` writes the page; with `--check` it fails where the page is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { enumerateAll, type Arrows, type Enumeration } from "../packages/core/test/machine/enumeration.ts";

export const diagramFile: string = fileURLToPath(new URL("../docs/concepts/state-diagram.md", import.meta.url));

/** The whole page. */
export function diagram({ phases, stages, roundTrip, oneWay, visited }: Enumeration): string {
  const total = visited.reduce((sum, { states }) => sum + states, 0);
  const rows = visited.map(({ machine, special, states, moves }) => `| ${machine} | ${special} | ${states} | ${moves} |`);
  return `# State diagrams

This page is generated: \`scripts/diagram.ts\` visits every state that the machines of \`@holdfast/core\` can reach in a small world
(${total} states) and draws the moves it finds. A test fails when the page and the machines differ.

## The phases of a link

\`open\`, \`close\`, \`retryNow\` and \`migrate\` come from the user, \`wake\` from the clock, \`suspected\` and \`answered\` from the pulse, all others from the network. An arrow from a phase to
itself is the dial of the next endpoint.

${chart(phases, "idle", "closed")}

## The stages of one channel

A link may have up to \`maxChannels\` of them: at most one in use (\`active\` or \`leaving\`), at most one on its way to it (greeted while
another is in use, it stands by until the change), some in reserve (\`spare\`) or on their way there, the others saying goodbye (\`draining\`).

${chart(stages)}

## The pulse: round trips

The event stands before the slash, the last thing that is done about it behind it. \`turned\` is the moment after the sockets were read.

${chart(roundTrip, "resting", "gone")}

## The pulse: one way

${chart(oneWay, "listening", "gone")}

## What was visited

| machine | policy with | states | moves |
|---|---|---:|---:|
${rows.join("\n")}
`;
}

function chart(arrows: Arrows, first?: string, last?: string): string {
  const lines = [...arrows].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, events]) => {
    const [from = "", to = ""] = key.split(" > ");
    return `  ${from} --> ${to}: ${[...events].toSorted().join(", ")}`;
  });
  if (first) lines.unshift(`  [*] --> ${first}`);
  if (last) lines.push(`  ${last} --> [*]`);
  return `\`\`\`mermaid\nstateDiagram-v2\n${lines.join("\n")}\n\`\`\``;
}

if (import.meta.main) {
  const page = diagram(enumerateAll());
  const current = existsSync(diagramFile) ? readFileSync(diagramFile, "utf8") : "";
  if (process.argv.includes("--check")) {
    if (current !== page) {
      console.error("docs/concepts/state-diagram.md is out of date: run `node scripts/dev.mjs node --conditions=@holdfast/source scripts/diagram.ts` and commit it");
      process.exitCode = 1;
    }
  } else {
    mkdirSync(dirname(diagramFile), { recursive: true });
    writeFileSync(diagramFile, page);
  }
}
