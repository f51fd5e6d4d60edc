import { describe, expect, it } from "vitest";
import { reachOf } from "../../../../../shared/webhooks/outbound/addresses.js";

describe("the reach of an address", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["[::1]", "loopback"],
    ["0.0.0.0", "private"],
    ["10.0.0.1", "private"],
    ["100.64.0.1", "private"],
    ["169.254.169.254", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["198.18.0.1", "private"],
    ["168.63.129.16", "private"],
    ["224.0.0.1", "private"],
    ["255.255.255.255", "private"],
    ["::", "private"],
    ["::ffff:10.0.0.1", "private"],
    ["::ffff:a00:1", "private"],
    ["::ffff:8.8.8.8", "private"],
    ["64:ff9b::a00:1", "private"],
    ["2002:a00:1::", "private"],
    ["fc00::1", "private"],
    ["fd12:3456::1", "private"],
    ["fe80::1", "private"],
    ["fe80::1%eth0", "private"],
    ["ff02::1", "private"],
    ["2001:db8::1", "private"],
    ["no address", "private"],
    ["", "private"],
    ["8.8.8.8", "public"],
    ["172.15.0.1", "public"],
    ["172.32.0.1", "public"],
    ["100.128.0.1", "public"],
    ["20.50.2.3", "public"],
    ["2606:4700::1111", "public"],
  ])("%s is %s", (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });

  it("an IPv4 address within an IPv6 one is never taken for a public one", () => {
    expect(["::ffff:127.0.0.1", "::127.0.0.1"].map(reachOf)).not.toContain("public");
  });
});
