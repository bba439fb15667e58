import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Days until it expires; negative: it has expired. @default 2 */
  readonly days?: number;
}

/** A certificate authority of a test, made by the `openssl` command (3.0 or newer). Dispose of it to remove its files. */
export class Authority implements Disposable {
  /** Its own certificate in PEM, for the option `ca`. */
  readonly ca: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-ca-"));
  #issued = 0;

  constructor(name = "holdfast test authority") {
    openssl("req", "-x509", ...this.#key("ca"), "-subj", `/CN=${name}`, "-days", "2", "-out", this.#file("ca.pem"));
    this.ca = this.#read("ca").cert;
  }

  /** A certificate for these host names and IPv4 addresses. */
  issue(names: readonly string[], { days = 2 }: IssueOptions = {}): Identity {
    const name = String(this.#issued++);
    const alternatives = names.map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`)).join();
    openssl("req", ...this.#key(name), "-subj", `/CN=${names[0] ?? "nobody"}`, "-addext", `subjectAltName=${alternatives}`, "-out", this.#file(`${name}.csr`));
    // Signed in a second step, since `req` makes no certificate that has expired.
    const signer = ["-CA", this.#file("ca.pem"), "-CAkey", this.#file("ca.key"), "-copy_extensions", "copy"];
    openssl("x509", "-req", ...signer, "-days", String(days), "-in", this.#file(`${name}.csr`), "-out", this.#file(`${name}.pem`));
    return this.#read(name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** An elliptic curve: its key takes a millisecond, an RSA key a second. */
  #key(name: string): readonly string[] {
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", this.#file(`${name}.key`)];
  }

  #read(name: string): Identity {
    return { cert: readFileSync(this.#file(`${name}.pem`), "utf8"), key: readFileSync(this.#file(`${name}.key`), "utf8") };
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }
}

function openssl(...given: readonly string[]): void {
  execFileSync("openssl", given, { stdio: "pipe" });
}
