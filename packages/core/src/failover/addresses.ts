/**
 * The host as whoever dials it will understand it: `2130706433` and `0x7f.1` are 127.0.0.1 to a resolver, so they have to be that to a
 * guard as well. Undefined where it is neither a name nor an address.
 */
export function canonicalHost(host: string): string | undefined {
  try {
    const { hostname } = new URL(`http://${host.includes(":") ? `[${host}]` : host}/`);
    return hostname.replace(/^\[|\]$|\.$/g, "");
  } catch {
    return undefined;
  }
}

/**
 * True for addresses and names that mean something else on every machine or in every network: loopback, link-local, private and
 * reserved ranges. Of IPv6 only what is assigned to the public is public, without the ranges that carry an IPv4 address inside.
 */
export function isPrivate(canonical: string): boolean {
  if (canonical.includes(":")) return !/^[23][\da-f]{3}:/.test(canonical) || /^(?:2002:|2001:(?:0:|:))/.test(canonical);
  const [first = NaN, second = NaN] = /^\d+\.\d+\.\d+\.\d+$/.test(canonical) ? canonical.split(".").map(Number) : [];
  if (Number.isNaN(first)) return canonical === "localhost" || canonical.endsWith(".localhost");
  if (first === 0 || first === 10 || first === 127 || first >= 224) return true;
  if (first === 100) return second >= 64 && second < 128;
  if (first === 172) return second >= 16 && second < 32;
  if (first === 192) return second === 168 || second === 0;
  return (first === 169 && second === 254) || (first === 198 && (second === 18 || second === 19));
}
