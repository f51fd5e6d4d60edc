import type { HttpResponseInit } from "@azure/functions";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { headerOf, json } from "../../../../functions/api/reply.js";
import type { Actor } from "../../../../shared/access/roles.js";
import { rightsOf } from "../../../../shared/access/roles.js";
import { AppError } from "../../../../shared/errors.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { wall } from "../../../../shared/wall.js";

let stored = new MemoryTable();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => stored }));
vi.mock("../../../../shared/config.js", () => ({
  config: () => ({ WEBHOOK_KEY: Buffer.alloc(32, 7).toString("base64") }),
}));

const { oncePerKey } = await import("../../../../functions/api/idempotency.js");
const { forgetKeys } = await import("../../../../shared/idempotency/store.js");

const HOUR = 3_600_000;
const ada: Actor = { id: "ada", name: "Ada", rights: rightsOf("Administrator"), scopeTagIds: "all" };

let runs = 0;
const run = async (): Promise<HttpResponseInit> => json({ run: ++runs }, 201);
interface Given {
  readonly key?: string;
  readonly text?: string;
  readonly path?: string;
  readonly method?: string;
  readonly actor?: Actor;
  readonly secret?: true;
}
function send(
  { key = "k", text = "{}", path = "things", method = "POST", actor = ada, secret }: Given = {},
  handler = run,
) {
  const headers = new Headers({ "idempotency-key": key });
  return oncePerKey(
    { method, url: `http://localhost/api/v1/${path}`, headers } as never,
    { actor, text, secret },
    handler,
  );
}

beforeEach(() => {
  stored = new MemoryTable();
  runs = 0;
  vi.restoreAllMocks();
});

describe("a call with a key", () => {
  it("that comes again runs once and is answered the same", async () => {
    const [first, again] = [await send(), await send()];
    expect([again.status, again.body, runs]).toEqual([201, first.body, 1]);
    expect([headerOf(first, "idempotency-replayed"), headerOf(again, "idempotency-replayed")]).toEqual([
      undefined,
      "true",
    ]);
  });

  it.each([{ text: '{"a":1}' }, { path: "others" }])("that stands for another call is refused: %j", async (other) => {
    await send();
    await expect(send(other)).rejects.toMatchObject({ code: "conflict", field: "Idempotency-Key" });
    expect(runs).toBe(1);
  });

  it("while it still runs is to be asked for again", async () => {
    let finish: (reply: HttpResponseInit) => void = () => undefined;
    const slow = send({}, () => new Promise((resolve) => (finish = resolve)));
    await vi.waitFor(() => expect(Object.keys(stored.dump())).toHaveLength(1));
    await expect(send()).rejects.toMatchObject({ code: "conflict", retryAfterSeconds: 2 });
    finish(json({ run: "slow" }, 201));
    await slow;
    expect((await send()).body).toBe('{"run":"slow"}');
  });

  it("whose answer tells a secret is answered the same, and the secret does not lie open in storage", async () => {
    const tell = async () => json({ secret: "whsec_told-this-once" }, 201);
    const first = await send({ secret: true }, tell);
    expect(JSON.stringify(stored.dump())).not.toContain("told-this-once");
    expect((await send({ secret: true })).body).toBe(first.body);
  });

  it("two at once are one", async () => {
    const results = await Promise.allSettled([send(), send(), send()]);
    expect([runs, results.filter(({ status }) => status === "fulfilled")]).toEqual([1, [expect.anything()]]);
  });

  it("of another caller is another key", async () => {
    await send();
    await send({ actor: { ...ada, id: "ben" } });
    expect(runs).toBe(2);
  });

  it.each([new AppError("conflict", "No."), new Error("defect")])(
    "that failed may be made again: %s",
    async (error) => {
      await expect(send({}, () => Promise.reject(error))).rejects.toBe(error);
      expect((await send()).status).toBe(201);
      expect(stored.dump()).not.toEqual({});
    },
  );

  it("that failed says why, even where its key cannot be freed", async () => {
    const write = stored.commit.bind(stored);
    vi.spyOn(stored, "commit").mockImplementationOnce(write).mockRejectedValue(new Error("away"));
    const error = new AppError("rule_violated", "No.");
    await expect(send({}, () => Promise.reject(error))).rejects.toBe(error);
  });

  it("after a day is a new one, and what is older is forgotten", async () => {
    const now = wall.now();
    await send();
    const later = vi.spyOn(wall, "now");
    later.mockReturnValue(now + 23 * HOUR);
    await forgetKeys(wall.now());
    await send();
    expect(runs).toBe(1);
    later.mockReturnValue(now + 25 * HOUR);
    await forgetKeys(wall.now());
    expect(stored.dump()).toEqual({});
    await send();
    expect(runs).toBe(2);
  });

  it("that was cut off may run again once it cannot run any more", async () => {
    void send({}, () => new Promise(() => undefined));
    await vi.waitFor(() => expect(Object.keys(stored.dump())).toHaveLength(1));
    const now = wall.now();
    vi.spyOn(wall, "now").mockReturnValue(now + 12 * 60_000);
    expect((await send()).status).toBe(201);
  });

  it("that is no key is refused", async () => {
    await expect(send({ key: "a b" })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(send({ key: "x".repeat(256) })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("that is no POST runs every time", async () => {
    await send({ method: "PUT" });
    await send({ method: "PUT" });
    expect([runs, stored.dump()]).toEqual([2, {}]);
  });
});
