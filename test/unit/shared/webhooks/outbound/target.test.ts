import { beforeEach, describe, expect, it, vi } from "vitest";

const settings = { WEBHOOK_PRIVATE_TARGETS: "none" };
const names: Record<string, { address: string; family: number }[]> = {};
vi.mock("../../../../../shared/config.js", () => ({ config: () => settings }));
vi.mock("node:dns/promises", () => ({ lookup: async (host: string) => names[host] ?? [] }));
const { checkedLookup, checkTarget } = await import("../../../../../shared/webhooks/outbound/target.js");

beforeEach(() => {
  settings.WEBHOOK_PRIVATE_TARGETS = "none";
});

describe("the address of a receiver", () => {
  it("is HTTPS out in the world", () => {
    expect(checkTarget("https://hooks.contoso.example:8443/in?key=1").hostname).toBe("hooks.contoso.example");
  });

  it.each([
    ["nonsense", "address"],
    ["/relative", "address"],
    [`https://contoso.example/${"x".repeat(2048)}`, "address"],
    ["https://user@contoso.example/", "noUser"],
    ["https://user:word@contoso.example/", "noUser"],
    ["https://contoso.example/#part", "noFragment"],
    ["http://contoso.example/", "https"],
    ["ftp://contoso.example/", "https"],
    ["file:///etc/passwd", "https"],
    ["https://localhost/", "publicAddress"],
    ["https://LOCALHOST/", "publicAddress"],
    ["https://app.localhost/", "publicAddress"],
    ["https://127.0.0.1/", "publicAddress"],
    ["https://2130706433/", "publicAddress"],
    ["https://0x7f.1/", "publicAddress"],
    ["https://0177.0.0.1/", "publicAddress"],
    ["https://[::1]/", "publicAddress"],
    ["https://[::ffff:127.0.0.1]/", "publicAddress"],
    ["https://[::ffff:169.254.169.254]/", "publicAddress"],
    ["https://10.1.2.3/", "publicAddress"],
    ["https://169.254.169.254/metadata", "publicAddress"],
    ["https://168.63.129.16/", "publicAddress"],
    ["https://[fd00::1]/", "publicAddress"],
    ["https://0.0.0.0/", "publicAddress"],
  ])("%s is refused: %s", (address, rule) => {
    const check = () => checkTarget(address);
    expect(check).toThrow(expect.objectContaining({ code: "rule_violated", field: "url", details: { rule } }));
  });

  it("may be this machine, also without TLS, where that is allowed; but no other machine of our networks", () => {
    settings.WEBHOOK_PRIVATE_TARGETS = "loopback";
    expect(checkTarget("http://127.0.0.1:8080/").port).toBe("8080");
    expect(checkTarget("http://localhost:8080/").port).toBe("8080");
    expect(() => checkTarget("https://10.1.2.3/")).toThrow(expect.objectContaining({ code: "rule_violated" }));
    expect(() => checkTarget("http://contoso.example/")).toThrow(expect.objectContaining({ code: "rule_violated" }));
  });

  it("may be any machine where that is allowed, with TLS", () => {
    settings.WEBHOOK_PRIVATE_TARGETS = "any";
    expect(checkTarget("https://10.1.2.3/").hostname).toBe("10.1.2.3");
    expect(() => checkTarget("http://10.1.2.3/")).toThrow(expect.objectContaining({ code: "rule_violated" }));
  });
});

describe("a name that is resolved for a connection", () => {
  it("gives its public addresses", async () => {
    const addresses = [{ address: "20.50.2.3", family: 4 }];
    names["hooks.contoso.example"] = addresses;
    expect(await checkedLookup("hooks.contoso.example")).toEqual(addresses);
  });

  it("is refused when any of its addresses points inward", async () => {
    names["evil.example"] = [
      { address: "20.50.2.3", family: 4 },
      { address: "169.254.169.254", family: 4 },
    ];
    await expect(checkedLookup("evil.example")).rejects.toMatchObject({ details: { rule: "publicAddress" } });
  });
});
