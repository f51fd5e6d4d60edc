import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Caller } from "../../../../shared/access/caller.js";
import { rightsOf } from "../../../../shared/access/roles.js";

const SECRET = "a secret of at least thirty-two characters";
const DAY = 86_400_000;
const NOW = Date.parse("2026-01-05T12:00:00Z");

async function fresh(secret: string | undefined) {
  vi.resetModules();
  vi.unstubAllEnvs();
  if (secret !== undefined) vi.stubEnv("CSRF_SECRET", secret);
  const { wall } = await import("../../../../shared/wall.js");
  vi.spyOn(wall, "now").mockReturnValue(NOW);
  return import("../../../../shared/access/csrf.js");
}

const caller = (via: Caller["via"], id = "ada"): Caller => ({
  actor: { id, name: "Ada", rights: rightsOf("Administrator"), scopeTagIds: "all" },
  via,
});
const bringing = (token: string | null) => new Headers(token === null ? {} : { "x-csrf-token": token });
const refusal = expect.objectContaining({ code: "forbidden" });

describe("a change in a browser session", () => {
  let csrf: Awaited<ReturnType<typeof fresh>>;
  beforeEach(async () => {
    csrf = await fresh(SECRET);
  });

  it("goes through with the token of the person, until the end of the next day", () => {
    for (const at of [NOW, NOW - DAY])
      csrf.refuseWithoutCsrf(caller("session"), bringing(csrf.csrfToken({ id: "ada" }, at)));
    for (const at of [NOW - 2 * DAY, NOW + DAY]) {
      const token = csrf.csrfToken({ id: "ada" }, at);
      expect(() => csrf.refuseWithoutCsrf(caller("session"), bringing(token))).toThrow(refusal);
    }
  });

  it("is refused without one, with a wrong one and with another person's", () => {
    for (const token of [null, "", "x", csrf.csrfToken({ id: "ben" }, NOW)]) {
      expect(() => csrf.refuseWithoutCsrf(caller("session"), bringing(token))).toThrow(refusal);
    }
  });

  it("of who sends a token or the key alone needs none: other sites cannot make browsers send these", () => {
    csrf.refuseWithoutCsrf(caller("token"), bringing(null));
    csrf.refuseWithoutCsrf(caller("key"), bringing(null));
  });
});

it("without a secret sessions have no token and change nothing; another secret makes other tokens", async () => {
  const first = (await fresh(SECRET)).csrfToken({ id: "ada" }, NOW);
  expect((await fresh(`${SECRET}!`)).csrfToken({ id: "ada" }, NOW)).not.toBe(first);
  const none = await fresh(undefined);
  expect(none.csrfToken({ id: "ada" }, NOW)).toBeNull();
  expect(() => none.refuseWithoutCsrf(caller("session"), bringing(first))).toThrow(
    expect.objectContaining({ code: "forbidden", message: expect.stringContaining("CSRF_SECRET") }),
  );
});
