import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority of the test's own, and what it signed. */
export interface Certificates {
  readonly ca: string;
  /** For 127.0.0.1, ::1 and localhost. */
  readonly server: Identity;
  /** For elsewhere.example. */
  readonly elsewhere: Identity;
  /** Names a client. */
  readonly client: Identity;
  /** By nobody but itself, for 127.0.0.1. */
  readonly selfSigned: Identity;
}

/** Makes them with the `openssl` command; valid for a day. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-certificates-"));
  try {
    const file = (name: string): string => join(folder, name);
    const openssl = (...args: string[]): void => { execFileSync("openssl", args, { stdio: "pipe" }); };
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const root = (name: string, names: string): Identity => {
      openssl("req", "-x509", ...key, "-days", "1", "-subj", `/CN=${name}`, "-addext", names, "-keyout", file(`${name}.key`), "-out", file(`${name}.pem`));
      return read(name);
    };
    const read = (name: string): Identity => ({ cert: readFileSync(file(`${name}.pem`), "utf8"), key: readFileSync(file(`${name}.key`), "utf8") });
    const sign = (name: string, names: string): Identity => {
      writeFileSync(file(`${name}.ext`), names);
      openssl("req", ...key, "-subj", `/CN=${name}`, "-keyout", file(`${name}.key`), "-out", file(`${name}.csr`));
      openssl("x509", "-req", "-in", file(`${name}.csr`), "-CA", file("authority.pem"), "-CAkey", file("authority.key"), "-CAcreateserial", "-days", "1", "-extfile", file(`${name}.ext`), "-out", file(`${name}.pem`));
      return read(name);
    };
    const ca = root("authority", "basicConstraints=critical,CA:TRUE").cert;
    return {
      ca,
      server: sign("server", "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost"),
      elsewhere: sign("elsewhere", "subjectAltName=DNS:elsewhere.example"),
      client: sign("client", "extendedKeyUsage=clientAuth"),
      selfSigned: root("selfSigned", "subjectAltName=IP:127.0.0.1"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
