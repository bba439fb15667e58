import { generate } from "selfsigned";

export interface TestCertificate { readonly key: string; readonly cert: string; /** What a client must trust. */ readonly ca: string }

/** A fresh self-signed certificate for tests and demos on this machine, valid for an hour. IP addresses become IP names. */
export async function testCertificate(names: readonly string[] = ["localhost", "127.0.0.1"]): Promise<TestCertificate> {
  const hour = 3_600_000;
  const { private: key, cert } = await generate([{ name: "commonName", value: names[0] ?? "localhost" }], {
    keyType: "ec",
    notBeforeDate: new Date(Date.now() - hour),
    notAfterDate: new Date(Date.now() + hour),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: names.map((name) => (/^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })) },
    ],
  });
  return { key, cert, ca: cert };
}
