import { redact, schemeOf } from "../endpoint/parse.ts";
import { OptionError } from "../errors/option-error.ts";

/** Throws an `OptionError` for what nobody can ever dial. Who serves which scheme is not looked at. */
export function checkMember(member: string, option = "endpoints"): void {
  if (member === "") throw new OptionError(option, "without empty members");
  const scheme = schemeOf(member);
  if (scheme === "failover") throw new OptionError(option, "written with parentheses round the members of an inner list, too: failover:(uri1,failover:(uri2,uri3))", redact(member));
  if (scheme !== undefined && !member.startsWith("//", scheme.length + 1)) return; // No host: unix:/run/app.sock.
  const rest = scheme === undefined ? member : member.slice(scheme.length + 3);
  if (scheme === undefined && !/^(?:\[[\da-f:.]+\]|[^:/?#@%()[\]]+)(?::\d+)?(?:[/?]|$)/i.test(rest)) throw new OptionError(option, "made of URIs such as tcp://10.0.0.1:7000", redact(member));
  const authority = /^[^/?]*/.exec(rest)?.[0] ?? "";
  checkAuthority(authority, rest, member, option);
}

function checkAuthority(authority: string, rest: string, member: string, option: string): void {
  const place = authority.slice(authority.lastIndexOf("@") + 1);
  const parts = /^(\[[^[\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(place);
  const [, host, port] = parts ?? [];
  if (host === undefined || (host === "" && (authority !== "" || rest === ""))) throw new OptionError(option, "made of URIs with a host, such as tcp://10.0.0.1:7000 or tcp://[::1]:7000", redact(member));
  if (port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) return;
  throw new OptionError(option, "made of URIs with ports from 1 to 65535: ActiveMQ takes any other one and fails, round after round, when it dials it", redact(member));
}
