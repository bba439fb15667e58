import { codes } from "../frames/codes.ts";
import { encode } from "../frames/encode.ts";
import type { Client } from "./client.ts";
import type { Fault } from "./client-host.ts";
import type { ChannelState } from "./client-state.ts";
import { lose } from "./ending.ts";
import { faults } from "./faults.ts";
import { drop } from "./ownership.ts";

/** So many broken rules in a row end the session: attaching anew does not mend them. */
const patience = 3;

/** A keeper that proved itself broke a rule. */
export function violated(client: Client, channel: ChannelState, wrong: string, code: number = codes.protocol): void {
  bid(client, channel, code, wrong);
  count(client, channel, faults.broken(channel.endpoint, wrong));
}

/** A keeper that proved itself says that we broke one. */
export function complained(client: Client, channel: ChannelState, reason: string): void {
  count(client, channel, faults.complained(channel.endpoint, reason));
}

/** A checkpoint does not hold: something in between ate or doubled a frame. */
export function mismatched(client: Client, channel: ChannelState): void {
  bid(client, channel, codes.sequenceMismatch, "");
  drop(client, channel, faults.checkpoint(channel.endpoint));
}

function bid({ host, state }: Client, { number }: ChannelState, code: number, reason: string): void {
  host.transmit(number, encode({ type: "close", code, received: state.outgoing.base, reason }));
}

function count(client: Client, channel: ChannelState, fault: Fault): void {
  const { state } = client;
  if (channel.stage !== "superseded") state.protocolErrors += 1;
  if (state.protocolErrors >= patience) lose(client, "protocol");
  else drop(client, channel, fault, { proven: true, unknown: false });
}
