import { describe, expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";

describe("whatever a server says", () => {
  it("breaks nothing: each of 50 000 mutated packets is understood, or ends its connection with an error, and every request is settled", async () => {
    await expect(fuzz(50_000, 1)).resolves.toBeUndefined();
  });
});
