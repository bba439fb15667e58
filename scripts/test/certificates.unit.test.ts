import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testAuthority, testCertificate } from "../certificates.ts";

const authority = await testAuthority();
const read = ({ cert }: { readonly cert: string }): X509Certificate => new X509Certificate(cert);

describe("a certificate for tests", () => {
  it("names hosts and addresses of both families", async () => {
    const { subject, subjectAltName } = read(await authority.issue(["localhost", "127.0.0.1", "::1"]));
    expect(subject).toBe("CN=localhost");
    expect(subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1");
  });

  it("is signed by its authority and by nobody of the same name", async () => {
    const issued = read(await authority.issue(["localhost"]));
    const namesake = read({ cert: (await testAuthority()).ca });
    const issuer = read({ cert: authority.ca });
    expect([issuer.ca, issued.ca]).toEqual([true, false]);
    expect([issuer, namesake].map((signer) => [issued.checkIssued(signer), issued.verify(signer.publicKey)])).toEqual([[true, true], [true, false]]);
  });

  it("has the key that comes with it", async () => {
    const identity = await authority.issue(["localhost"]);
    expect(read(identity).checkPrivateKey(createPrivateKey(identity.key))).toBe(true);
  });

  it.each([[undefined, "valid"], [0.5, "valid"], [-1, "expired"], [-30, "expired"]] as const)("with %s days is %s", async (days, state) => {
    const { validFromDate, validToDate } = read(await authority.issue(["localhost"], days === undefined ? {} : { days }));
    const now = new Date();
    expect(validFromDate < now).toBe(true);
    expect(validFromDate < validToDate).toBe(true);
    expect(validToDate > now ? "valid" : "expired").toBe(state);
  });

  it("may be for clients alone", async () => {
    // The object identifier of "TLS web client authentication" in RFC 5280, section 4.2.1.12.
    expect(read(await authority.issue(["client"], { usage: "clientAuth" })).keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  it("may be signed by itself", async () => {
    const { cert, ca } = await testCertificate();
    const itself = read({ cert });
    expect(ca).toBe(cert);
    expect(itself.verify(itself.publicKey)).toBe(true);
  });
});
