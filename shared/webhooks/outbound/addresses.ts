import { BlockList, isIP } from "node:net";

const IPV4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  // Multicast, reserved, broadcast; and the address under which every machine in Azure reaches its platform.
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"],
];
/**
 * Unspecified, loopback, IPv4 in IPv6 in all its forms (mapped, compatible, translated, NAT64, Teredo, 6to4), discard,
 * documentation, unique local, link-local, site-local, multicast.
 */
const IPV6 = [
  ...["::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32"],
  ...["2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];

/** One list for each family: a subnet of IPv6 that maps IPv4 would take in all addresses of that. */
const PRIVATE = { ipv4: listOf(IPV4, "ipv4"), ipv6: listOf(IPV6, "ipv6") } as const;
const LOOPBACK = { ipv4: listOf(["127.0.0.0/8"], "ipv4"), ipv6: listOf(["::1/128"], "ipv6") } as const;

/** Where an address is: on this machine, within some network of our own, or out in the world. */
export type Reach = "loopback" | "private" | "public";

/** The reach of an IPv4 or IPv6 address; what is no address counts as private. */
export function reachOf(address: string): Reach {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 0) return "private";
  const type = family === 4 ? "ipv4" : "ipv6";
  if (LOOPBACK[type].check(bare, type)) return "loopback";
  return PRIVATE[type].check(bare, type) ? "private" : "public";
}

function listOf(subnets: readonly string[], type: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = "", prefix = ""] = subnet.split("/");
    list.addSubnet(net, Number(prefix), type);
  }
  return list;
}
