import type { Case } from "./case.ts";
import { claim } from "./claim.ts";

/** What a transport declares about itself is true. */
export const traits: readonly Case[] = [
  {
    sentence: "the transport names at least one scheme, in lower case and without the colon, and a limit for frames",
    run: async ({ transport }) => {
      claim(transport.schemes.length > 0, "schemes is empty; no endpoint would ever find the transport");
      for (const scheme of transport.schemes) claim(/^[a-z][a-z0-9+.-]*$/.test(scheme), `the scheme ${JSON.stringify(scheme)} should be written like 'tcp'`);
      claim(transport.traits.maxFrameBytes >= 1, `traits.maxFrameBytes should be at least 1, is ${transport.traits.maxFrameBytes}`);
    },
  },
  {
    sentence: "the transport has listen exactly where traits.listens says so",
    run: async ({ transport, echo }) => {
      claim((transport.listen !== undefined) === transport.traits.listens, `traits.listens is ${transport.traits.listens}, and listen is ${transport.listen === undefined ? "absent" : "there"}`);
      claim(transport.traits.listens !== echo, echo ? "the transport listens, so it is tested without { echo: true }" : "a transport that only dials is tested with { echo: true }");
    },
  },
  {
    sentence: "a channel has pause and resume exactly where traits.pauses says so",
    run: (stage) => stage.sides(async ({ channel, name }) => {
      const { pauses } = stage.transport.traits;
      claim((channel.pause !== undefined) === pauses, `traits.pauses is ${pauses}, and pause of ${name} is ${channel.pause === undefined ? "absent" : "there"}`);
      claim((channel.resume !== undefined) === pauses, `traits.pauses is ${pauses}, and resume of ${name} is ${channel.resume === undefined ? "absent" : "there"}`);
    }),
  },
  {
    sentence: "a channel has ping exactly where traits.pings says so",
    run: (stage) => stage.sides(async ({ channel, name }) => {
      const { pings } = stage.transport.traits;
      claim((channel.ping !== undefined) === pings, `traits.pings is ${pings}, and ping of ${name} is ${channel.ping === undefined ? "absent" : "there"}`);
    }),
  },
  {
    sentence: "check accepts what can be dialled",
    run: async (stage) => {
      stage.transport.check?.(await stage.target());
    },
  },
];
