import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** All in PEM; scripts/certificates.ts makes them. */
export interface TlsOptions {
  /** The servers' certificate and its private key. */
  readonly cert: string;
  readonly key: string;
  /** Who signed the clients' certificates. */
  readonly ca: string;
  /** Whether a client must show a certificate. One that does is authenticated as `x509` with its subject's name. @default "want" */
  readonly clients?: "none" | "want" | "need";
}

/** Lines of zoo.cfg for one more port, which speaks TLS; what they name is written beside them. */
export async function tlsSettings({ cert, key, ca, clients = "want" }: TlsOptions, port: number, folder: string): Promise<string> {
  const [own, trusted] = [join(folder, "own.pem"), join(folder, "trusted.pem")];
  await writeFile(own, `${key}\n${cert}`, { mode: 0o600 });
  await writeFile(trusted, ca);
  const settings = {
    secureClientPort: port,
    secureClientPortAddress: "127.0.0.1",
    serverCnxnFactory: "org.apache.zookeeper.server.NettyServerCnxnFactory",
    "authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    "ssl.clientAuth": clients,
    "ssl.keyStore.location": own,
    "ssl.keyStore.type": "PEM",
    "ssl.trustStore.location": trusted,
    "ssl.trustStore.type": "PEM",
  };
  return Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join("");
}
