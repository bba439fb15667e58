import type { PulseState } from "../../src/machine/pulse.ts";

/** What travels; the last three are what a server does by itself. */
export const frames = { hello: 0, ping: 1, pong: 2, data: 3, leave: 4, bye: 5, reset: 6, arrive: 7, talk: 8, flap: 9 } as const;

/** One connection between the client and one server: both ends, and the two directions between them. */
export interface Connection {
  readonly epoch: number;
  readonly server: number;
  /** The client has a transport open. `parting`: it said goodbye. */
  client: "dialling" | "open" | "parting" | "gone";
  peer: "none" | "open" | "gone";
  clientPulse: PulseState | undefined;
  serverPulse: PulseState | undefined;
  clientAlarm: number;
  serverAlarm: number;
  clientHeard: number;
  clientSent: number;
  serverHeard: number;
  serverSent: number;
  /** When the last frame of each direction arrives: none overtakes another. */
  lastOut: number;
  lastIn: number;
  /** A direction that lost a frame is dead: TCP delivers nothing behind a gap. */
  deadOut: boolean;
  deadIn: boolean;
  /** Until when something (a hole, a stalled peer, a slow line) could keep answers from the client, or from the server. */
  clientTrouble: number;
  serverTrouble: number;
  /** The last proof the client had, and how long its own loop had been stalled in all at that time. */
  proofAt: number;
  stalledAtProof: number;
  /** Its next proof lets the link move. */
  held: boolean;
  /** Its conversation has begun; before, a greeting of the server waits. */
  begun: boolean;
  hello: boolean;
  /** An answer is overdue. */
  doubted: boolean;
}

export function connection(epoch: number, server: number, now: number): Connection {
  return {
    epoch, server, client: "dialling", peer: "none", clientPulse: undefined, serverPulse: undefined, clientAlarm: Infinity, serverAlarm: Infinity,
    clientHeard: now, clientSent: now, serverHeard: now, serverSent: now, lastOut: 0, lastIn: 0, deadOut: false, deadIn: false,
    clientTrouble: -Infinity, serverTrouble: -Infinity, proofAt: now, stalledAtProof: 0, held: false, begun: false, hello: false, doubted: false,
  };
}

/** An alarm that was replaced by an earlier one does not ring. */
export function rings(made: Connection, alarm: "clientAlarm" | "serverAlarm", now: number): boolean {
  if (made[alarm] > now) return false;
  made[alarm] = Infinity;
  return true;
}
