import { BlockList, isIP } from "node:net";

const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
// The same IPv4 addresses, as IPv6 has them besides the mapped form, which a BlockList knows by itself.
linkLocal.addSubnet("::169.254.0.0", 112, "ipv6");
linkLocal.addSubnet("64:ff9b::169.254.0.0", 112, "ipv6");

/**
 * Whether a host is an address that is link-local: no vCenter serves files there, but the metadata services of clouds, which
 * hand out credentials, do. Takes brackets and zones; a name is not resolved.
 */
export function isLinkLocal(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/u, "$1").replace(/%.*$/u, "");
  const family = isIP(address);
  return family !== 0 && linkLocal.check(address, family === 4 ? "ipv4" : "ipv6");
}
