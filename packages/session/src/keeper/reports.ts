import type { KeeperChannel } from "./channel.ts";
import type { KeeperReport } from "./machine/keeper-host.ts";
import { Seat } from "./seat.ts";

/** What a channel's machine tells, as the sessions of this keeper and its listeners see it. */
export function reported(channel: KeeperChannel, report: KeeperReport): void {
  const { office, seat, remote } = channel;
  switch (report.type) {
    case "opened": case "attached": return began(channel, report);
    case "refused":
      if (report.why === "badProof") office.admission.failed(remote, office.settings.clock.now());
      return office.tell("refused", { remote, why: report.why, code: report.code });
    case "moved": return seat && moved(channel, seat, report.epoch);
    case "ended": return seat?.end(report.why);
    case "failed": return office.tell("failed", { error: report.error, ...(seat && { session: seat }) });
    case "leftover":
      if (report.uncertain) seat?.drop(report.messages, true);
      else seat?.append(report.messages); // Whoever owns the session now delivers them.
      return undefined;
    default: return report satisfies never;
  }
}

function began(channel: KeeperChannel, report: Extract<KeeperReport, { type: "opened" | "attached" }>): void {
  const { office, remote } = channel;
  const known = office.seats.find(report.id);
  const seat = known ?? new Seat(office, report.id, report.principal);
  if (known === undefined) office.seats.add(seat);
  const before = seat.channel;
  channel.seat = seat;
  seat.attach(channel, report.epoch, report.timeout);
  before?.expelled(report.epoch);
  if (known === undefined) office.tell("session", { session: seat });
  office.tell("attached", { session: seat, remote, restarted: report.type === "attached" && report.restarted });
}

function moved(channel: KeeperChannel, seat: Seat, epoch: number): void {
  const { office, remote } = channel;
  const elsewhere = seat.detach(channel);
  if (elsewhere) office.seats.forget(seat);
  office.tell("moved", { session: seat, remote, epoch, ...(seat.channel && { to: seat.channel.remote }) });
  if (elsewhere) seat.released();
}
