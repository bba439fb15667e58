// Messages that come behind an ATTACH, before it is answered.
import { describe, expect, it } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { World, type ChannelOptions, type Scene } from "./scene.ts";
import { ack, attachFrame, data, ping, type AttachGiven } from "./scripted-client.ts";

/** A session whose client has said `one` and `two`, and knows that `one` was committed; and the channel to which it moves. */
function moving(given: AttachGiven = {}, options: ChannelOptions = {}): { readonly world: World; readonly old: Scene; readonly scene: Scene; readonly greeting: Uint8Array } {
  const world = new World();
  const old = world.opened().say(data("one"), data("two"));
  return { world, old, scene: world.channel(options), greeting: attachFrame(old.credential, { early: true, sent: 9, acked: 1, ...given }) };
}

const refusal = { type: "refused", code: codes.protocol };

describe("An ATTACH with messages behind it", () => {
  it.each(["find", "authorize", "attach"] as const)("has them handled as soon as it is answered, however long it takes to %s", (type) => {
    const { scene, greeting } = moving({}, { hold: [type] });
    scene.say(greeting, data("two"), data("three"), data("four"));
    expect([scene.raw, scene.handedOver]).toEqual([[], []]);
    scene.answer(type);
    expect(scene.frames[0]).toMatchObject({ type: "attached", received: 2 });
    expect(scene.handedOver).toEqual([["three", 3], ["four", 4]]);
    expect(scene.commits).toMatchObject([{ change: { received: 4 } }]);
  });

  it("counts from what the client knows to be committed: what the store has is not handled again, whether it comes before the answer or after it", () => {
    const { scene, greeting } = moving({ acked: 0 }, { hold: ["attach"] });
    scene.say(greeting, data("one")).answer("attach").say(data("two"), data("three")).say(ping(7, { sent: 3 }));
    expect(scene.handedOver).toEqual([["three", 3]]);
    expect(scene.last).toMatchObject({ type: "pong", nonce: 7, acked: 3 });
  });

  it("leaves what comes twice out of the window", () => {
    const world = new World({ policy: { grant: { frameMax: 65_536, windowMessages: 2, windowBytes: 8 } } });
    const old = world.opened().say(data("1234"), data("5678"));
    const scene = world.channel({ handle: false }).say(attachFrame(old.credential, { early: true, sent: 4 }), data("1234"), data("5678"), data("90ab"), data("cdef"));
    expect(scene.frames.map(({ type }) => type)).toEqual(["attached"]);
    expect(scene.handedOver).toEqual([["90ab", 3]]);
  });

  it("has nothing of them handled where it is refused, or its client is gone", () => {
    const wrong = moving({ secretUsed: new Uint8Array(32) }, { hold: ["find"] });
    wrong.scene.say(wrong.greeting, data("two"), data("three")).answer("find").say(data("four"));
    expect([wrong.scene.frames.length, wrong.scene.last, wrong.scene.handedOver]).toMatchObject([1, { type: "refused", code: codes.badProof }, []]);
    const gone = moving({}, { hold: ["attach"] });
    gone.scene.say(gone.greeting, data("two"), data("three"));
    gone.scene.machine.ended(gone.scene.now);
    gone.scene.answer("attach");
    expect(gone.scene.handedOver).toEqual([]);
  });

  it("takes 16 384 bytes of them, 64 for each included, and refuses more before it has asked whether the proof is right", () => {
    for (const [most, length] of [[1, 16_384 - 65], [252, 0]] as const) {
      const { scene, greeting } = moving({}, { hold: ["find"] });
      scene.say(greeting, ...Array.from({ length: most }, () => data("x".repeat(length))));
      expect(scene.raw).toEqual([]);
      scene.say(data(""));
      expect(scene.frames).toMatchObject([refusal]);
    }
  });

  it("drops what the store has by its number, whatever it holds", () => {
    const { scene, greeting } = moving({ acked: 0 });
    scene.say(greeting, data("one")).say(data(""), data("three"));
    expect(scene.handedOver).toEqual([["three", 3]]);
  });

  it("is held to the rules by what they say, once it is answered", () => {
    const { scene, greeting } = moving({}, { hold: ["attach"] });
    scene.say(greeting, data("two"), ack(5)).answer("attach");
    expect(scene.last).toMatchObject({ type: "close", code: codes.protocol });
  });

  it("is refused where the client has restarted: its counts mean nothing", () => {
    const { scene, greeting } = moving({ restarted: true });
    scene.say(greeting);
    expect(scene.frames).toMatchObject([refusal]);
  });

  it("must say so: otherwise they are against the rules", () => {
    const { scene, greeting } = moving({ early: false }, { hold: ["attach"] });
    scene.say(greeting, data("two"));
    expect(scene.frames).toMatchObject([refusal]);
  });
});
