// Certificates for tests and demos on this machine, made in this process: no openssl command is needed, and no file is written.
import { generate } from "selfsigned";

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Days until it expires, whole or not; negative: it has expired. @default 1 */
  readonly days?: number;
  /** What it may be used for; without it, for everything. */
  readonly usage?: "serverAuth" | "clientAuth";
}

/** One that signs certificates. Two of them trust different ones, also under the same name. */
export interface Authority {
  /** Its own certificate in PEM, for the option `ca`. */
  readonly ca: string;
  /** A certificate for these host names and IP addresses; the first is its subject's common name, too. */
  issue(names: readonly string[], options?: IssueOptions): Promise<Identity>;
}

/** A fresh certificate authority. Gone with the process: its key is kept nowhere. */
export async function testAuthority(name = "holdfast test authority"): Promise<Authority> {
  const own = await make(name, [{ name: "basicConstraints", cA: true, critical: true }, { name: "keyUsage", keyCertSign: true, critical: true }]);
  return {
    ca: own.cert,
    issue: (names, { days = 1, usage } = {}) => make(names[0] ?? "nobody", [
      { name: "basicConstraints", cA: false, critical: true },
      alternatives(names),
      ...(usage === undefined ? [] : [{ name: "extKeyUsage" as const, [usage]: true }]),
    ], days, own),
  };
}

/** One that signed itself: `ca` is what a client must trust. For a single server; where several parties meet, take an authority. */
export async function testCertificate(names: readonly string[] = ["localhost", "127.0.0.1"]): Promise<Identity & { readonly ca: string }> {
  const identity = await make(names[0] ?? "localhost", [{ name: "basicConstraints", cA: true, critical: true }, alternatives(names)]);
  return { ...identity, ca: identity.cert };
}

type Extension = NonNullable<NonNullable<Parameters<typeof generate>[1]>["extensions"]>[number];

/** Colons and digits with dots are addresses; anything else is a name. */
function alternatives(names: readonly string[]): Extension {
  return { name: "subjectAltName", altNames: names.map((name) => (/^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })) };
}

/** Signed by `signer`, or by itself. An elliptic curve, for its key takes a millisecond and an RSA key a second. */
async function make(name: string, extensions: Extension[], days = 1, signer?: Identity): Promise<Identity> {
  const day = 86_400_000;
  const now = Date.now();
  const { private: key, cert } = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256", // The library's default, SHA-1, is refused in a chain.
    // An expired one, too, was valid for a day.
    notBeforeDate: new Date(now + Math.min(0, days) * day - day),
    notAfterDate: new Date(now + days * day),
    extensions,
    ...(signer && { ca: signer }),
  });
  return { key, cert };
}
