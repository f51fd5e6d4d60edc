import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";

const settings: { WEBHOOK_KEY: string | undefined } = { WEBHOOK_KEY: undefined };
vi.mock("../../../../../shared/config.js", () => ({ config: () => settings }));
const { newSecret, seal, signed, unseal } = await import("../../../../../shared/webhooks/outbound/secrets.js");

const KEY = Buffer.alloc(32, 7).toString("base64");

beforeEach(() => {
  settings.WEBHOOK_KEY = KEY;
});

describe("a secret at rest", () => {
  it("opens again, and never looks the same twice", () => {
    const secret = newSecret();
    const [one, two] = [seal(secret, "w1"), seal(secret, "w1")];
    expect([unseal(one, "w1"), unseal(two, "w1")]).toEqual([secret, secret]);
    expect(one).not.toBe(two);
    expect(one).not.toContain(secret.slice(6));
  });

  it("does not open for another webhook, with another key, or when it was changed", () => {
    const sealed = seal(newSecret(), "w1");
    expect(() => unseal(sealed, "w2")).toThrow(expect.objectContaining({ code: "internal" }));
    const bytes = Buffer.from(sealed, "base64");
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    expect(() => unseal(bytes.toString("base64"), "w1")).toThrow(expect.objectContaining({ code: "internal" }));
    settings.WEBHOOK_KEY = Buffer.alloc(32, 8).toString("base64");
    expect(() => unseal(sealed, "w1")).toThrow(expect.objectContaining({ code: "internal" }));
  });

  it("cannot be made without the setting", () => {
    settings.WEBHOOK_KEY = undefined;
    expect(() => seal(newSecret(), "w1")).toThrow(
      expect.objectContaining({ code: "unsupported", field: "WEBHOOK_KEY" }),
    );
  });
});

describe("the signature of a delivery", () => {
  it("is that of the Standard Webhooks example", () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const body = '{"test": 2432232314}';
    expect(signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, body, [secret])).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("stands once for each valid secret, so that receivers may change theirs at any time", () => {
    const secrets = [newSecret(), newSecret()];
    const headers = signed("msg_1", 1_000_000, "{}", secrets);
    const expected = secrets.map((secret) => {
      const key = Buffer.from(secret.replace("whsec_", ""), "base64");
      return `v1,${createHmac("sha256", key).update("msg_1.1000.{}").digest("base64")}`;
    });
    expect(headers["webhook-signature"]).toBe(expected.join(" "));
  });
});
