import { describe, expect, it } from "vitest";
import { signatureOf, verifySignature } from "../../../../shared/webhooks/signature.js";

const NOW = Date.parse("2026-11-20T10:00:00Z");
const SECRET = "s".repeat(32);
const body = Buffer.from('{"kb":"KB5058405"}');
const signed = (secret = SECRET, at = NOW) => {
  const timestamp = String(at / 1000);
  return { timestamp, signature: `sha256=${signatureOf(secret, timestamp, body)}`, body };
};

describe("a signature", () => {
  it("is HMAC-SHA256 of the timestamp, a dot and the body, in hex", () => {
    // printf '1.x' | openssl dgst -sha256 -hmac ssssssssssssssssssssssssssssssss
    expect(signatureOf(SECRET, "1", "x")).toBe("e02759d889f9afdd7ac0e07db3f42e909f8fd96e75e681cc295801cf709a27a4");
  });

  it.each([-5, 0, 5])("holds %i minutes off, with the current secret or the one before", (minutes) => {
    const old = "o".repeat(32);
    const request = signed(old, NOW + minutes * 60_000);
    expect(verifySignature(request, [SECRET, old], NOW).expiresAt).toBe(NOW + minutes * 60_000 + 300_000);
    expect(() => verifySignature(request, [SECRET], NOW)).toThrow("not signed as it has to be");
  });

  it("is refused a second beyond five minutes, either way", () => {
    for (const at of [NOW - 301_000, NOW + 301_000]) {
      expect(() => verifySignature(signed(SECRET, at), [SECRET], NOW)).toThrow("not signed as it has to be");
    }
  });
});
