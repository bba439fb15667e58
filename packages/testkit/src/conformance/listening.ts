import { parseEndpoint } from "@holdfast/core";
import type { Case } from "./case.ts";
import { claim, claimFrames, claimHoldfastError, describe, rejection } from "./claim.ts";

export const listening: readonly Case[] = [
  {
    sentence: "a listener says where it really listens",
    listens: true,
    run: async (stage) => {
      const { endpoint } = await stage.listen();
      const asked = parseEndpoint(stage.fixture.endpoint);
      claim(endpoint.scheme === asked.scheme, `asked for ${asked.label}, it says ${endpoint.label}`);
      if (/:0(?:\/|$)/.test(asked.uri)) claim(endpoint.port > 0, `${endpoint.label} still has port 0; it should name the port that was given`);
      const arrival = stage.arrival();
      const channel = await stage.dial(stage.reach(endpoint));
      stage.end("the dialled channel", channel);
      await arrival;
    },
  },
  {
    sentence: "close of a listener stops accepting, and channels already accepted live on",
    listens: true,
    run: async (stage) => {
      const listener = await stage.listen();
      const target = stage.reach(listener.endpoint);
      const arrival = stage.arrival();
      const dialled = stage.end("the dialled channel", await stage.dial(target));
      const accepted = stage.end("the accepted channel", await arrival);
      for (const { channel, recorder } of [dialled, accepted]) channel.receive(recorder);
      await listener.close();
      claimHoldfastError(await rejection(stage.dial(target), "a dial to a listener that was closed"), "the reason");
      for (const [from, to] of [[dialled, accepted], [accepted, dialled]] as const) {
        from.channel.send(stage.text("still here"));
        await to.recorder.count(1);
        claimFrames(to.recorder.frames, [stage.text("still here")], to.name);
      }
    },
  },
  {
    sentence: "listening where somebody listens already rejects with a ConnectError that names the endpoint (HF_LISTEN_FAILED)",
    listens: true,
    run: async (stage) => {
      const { endpoint } = await stage.listen();
      const error = await rejection(stage.listen(endpoint), `listening on ${endpoint.label} a second time`);
      claimHoldfastError(error, "the reason");
      claim(error.code === "HF_LISTEN_FAILED", `the code should be HF_LISTEN_FAILED, is ${error.code}`);
      claim(error.message.includes(endpoint.label), `the message should name ${endpoint.label}: ${error.message}`);
    },
  },
  {
    sentence: "listen rejects with signal.reason when the signal is aborted before",
    listens: true,
    run: async (stage) => {
      const reason = new Error("changed my mind");
      const error = await rejection(stage.listen(undefined, AbortSignal.abort(reason)), "listening with an aborted signal");
      claim(error === reason, `listen should reject with signal.reason itself, rejected with ${describe(error)}`);
    },
  },
  {
    sentence: "an abort after listen has resolved leaves the listener open",
    listens: true,
    run: async (stage) => {
      const controller = new AbortController();
      const listener = await stage.listen(undefined, controller.signal);
      controller.abort(new Error("too late"));
      await stage.quiet();
      const arrival = stage.arrival();
      stage.end("the dialled channel", await stage.dial(stage.reach(listener.endpoint)));
      await arrival;
    },
  },
  {
    sentence: "close of a listener may be called twice",
    listens: true,
    run: async (stage) => {
      const listener = await stage.listen();
      await listener.close();
      await listener.close();
      claim(stage.accepted.length === 0, "nobody dialled, and a channel was accepted");
    },
  },
];
