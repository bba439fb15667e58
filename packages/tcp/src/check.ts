import { OptionError, type Endpoint } from "@holdfast/core";
import { checkTls, tlsOf, type TlsOptions } from "./tls-options.ts";

/** Throws an `OptionError` for an endpoint that can never be dialled. */
export function checkDial(endpoint: Endpoint, tls: TlsOptions): void {
  if (endpoint.scheme !== "unix" && endpoint.port === 0) throw new OptionError("endpoints", `written with a port, such as '${endpoint.scheme}://10.0.0.1:7000'`, endpoint.label);
  checkPlace(endpoint, tls);
}

/** Throws an `OptionError` for an endpoint on which nobody can listen. Port 0 is fine: the system then chooses one. */
export function checkListen(endpoint: Endpoint, tls: TlsOptions): void {
  checkPlace(endpoint, tls);
  if (endpoint.scheme !== "tls") return;
  const { cert, key, ca, requestCert } = tlsOf(tls, endpoint);
  if (cert === undefined || key === undefined) throw new OptionError("tls.cert and tls.key", `given to listen on ${endpoint.label}`);
  // Any certificate of a public authority would do otherwise, which is what nobody means.
  if (requestCert === true && ca === undefined) throw new OptionError("tls.ca", "given with requestCert: who signs the certificates of the clients");
}

function checkPlace(endpoint: Endpoint, tls: TlsOptions): void {
  const { scheme, host, path, label } = endpoint;
  if (scheme === "unix") {
    // unix://run/app.sock would be the file /app.sock on a host called run.
    if (path === "" || host !== "") throw new OptionError("endpoints", "written with the path of a socket, such as 'unix:/run/app.sock'", label);
    return;
  }
  if (host === "") throw new OptionError("endpoints", `written with a host, such as '${scheme}://10.0.0.1:7000'`, label);
  if (scheme !== "tls") return;
  checkTls(endpoint.options, `${label}: `);
  checkTls(tlsOf(tls, endpoint), `${label}: `); // Each for itself may be fine: a certificate here, the key of another there.
}
