import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { diagram, diagramFile } from "../../../../scripts/diagram.ts";
import { enumerateLink, enumeratePulse, together, type Enumeration } from "./enumeration.ts";
import { checkLinkFuture, checkLinkMove } from "./link-rules.ts";
import { linkPolicies } from "./link-space.ts";
import { checkPulseFuture, checkPulseMove } from "./pulse-rules.ts";
import { pulsePolicies } from "./pulse-space.ts";

/** Visited once, by whichever test comes first: it takes seconds. */
function once(visit: (special: string) => Enumeration): (special: string) => Enumeration {
  const visited = new Map<string, Enumeration>();
  return (special) => {
    const found = visited.get(special) ?? visit(special);
    visited.set(special, found);
    return found;
  };
}
const link = once((special) => enumerateLink(special, { linkMove: checkLinkMove, linkState: checkLinkFuture }));
const pulse = once((special) => enumeratePulse(special, { pulseMove: checkPulseMove, pulseState: checkPulseFuture }));
const states = ({ visited }: Enumeration): number => visited.reduce((sum, part) => sum + part.states, 0);

describe("every state", () => {
  it.each(Object.keys(linkPolicies))("of a link with %s keeps the rules", (special) => {
    expect(states(link(special))).toBeGreaterThan(20);
  });

  it.each(Object.keys(pulsePolicies))("of a pulse with %s keeps the rules", (special) => {
    expect(states(pulse(special))).toBeGreaterThan(100);
  });

  it("is in the diagram of the documentation (scripts/diagram.ts renews it)", () => {
    const all = together([...Object.keys(linkPolicies).map(link), ...Object.keys(pulsePolicies).map(pulse)]);
    expect(readFileSync(diagramFile, "utf8")).toBe(diagram(all));
  });
});
