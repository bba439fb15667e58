import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { World } from "./scene.ts";

describe("An ATTACH that the store did not answer", () => {
  it("is refused without a proof: the store may have accepted it, and a proven refusal says that it did not", () => {
    const world = new World();
    const { credential } = world.opened();
    const scene = world.attached(credential, {}, { hold: ["attach"] }).fail("attach");
    expect(scene.last).toMatchObject({ type: "refused", code: codes.busy });
    expect(scene.last).not.toHaveProperty("mac");
  });
});
