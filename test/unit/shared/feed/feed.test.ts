import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import type { Change, Follower } from "../../../../shared/feed/feed.js";
import { MemoryTables } from "../tenant/memory.js";

const tables = new MemoryTables();
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
/** The feed and the audit log know each other's errors. */
const { audit, auditEntries } = await import("../../../../shared/audit/audit.js");
const feed = await import("../../../../shared/feed/feed.js");

/** Brings one follower up to date; throws what kept it from going on. */
async function follow(follower: Follower, now: number, thorough = false): Promise<number> {
  const { taken, failures } = await feed.follow([follower], now, thorough);
  if (failures[0] !== undefined) throw failures[0];
  return taken;
}

let year = 2020;
const inJune = (day: number) => Date.parse(`${year}-06-${String(day).padStart(2, "0")}T10:00:00Z`);
const inJuly = (day: number) => Date.parse(`${year}-07-${String(day).padStart(2, "0")}T10:00:00Z`);
const write = (key: string, at = inJune(11)) =>
  audit({ at, actor: { id: "ada", name: "Ada" }, action: "release.pause", target: "release/r", key });

/** A follower that notes what it took; `fail` may throw for a change, once or always. */
function noting(fail: (key: string) => Error | undefined = () => undefined) {
  const taken: string[] = [];
  const take = async ({ id }: Change) => {
    const key = id.split(" ").at(-1) ?? "";
    const error = fail(key);
    if (error !== undefined) throw error;
    taken.push(key);
  };
  return { follower: { name: "noting", take }, taken };
}

beforeEach(() => {
  tables.clear();
  year += 10;
});

describe("a follower of the audit log", () => {
  it("takes every entry once, in the order of writing and not of instants", async () => {
    const { follower, taken } = noting();
    await write("late", inJune(12));
    await write("early", inJune(3));
    expect(await follow(follower, inJune(13))).toBe(2);
    await write("later still", inJune(1));
    expect(await follow(follower, inJune(13))).toBe(1);
    expect(await follow(follower, inJune(13))).toBe(0);
    expect(taken).toEqual(["late", "early", "still"]);
  });

  it("goes on in a new month, and still takes what comes late in the old one", async () => {
    const { follower, taken } = noting();
    await write("june");
    await follow(follower, inJune(12));
    await write("july", inJuly(1));
    await write("straggler", inJune(30));
    await follow(follower, inJuly(1));
    await write("laggard", inJune(30));
    await follow(follower, inJuly(20), true);
    expect(taken).toEqual(["june", "straggler", "july", "laggard"]);
  });

  it("repeats from where it was kept from going on, and loses nothing", async () => {
    let away = true;
    const { follower, taken } = noting((key) =>
      key === "b" && away ? new AppError("unavailable", "Storage is away.") : undefined,
    );
    for (const key of ["a", "b", "c"]) await write(key);
    await expect(follow(follower, inJune(12))).rejects.toMatchObject({ code: "unavailable" });
    away = false;
    await follow(follower, inJune(12));
    expect(taken).toEqual(["a", "b", "c"]);
  });

  it("takes again what it took before a crash that kept its position from being written", async () => {
    const { follower, taken } = noting();
    await write("a");
    const commit = vi.spyOn(tables.of("Feed"), "commit").mockRejectedValue(new AppError("unavailable", "Crash."));
    await expect(follow(follower, inJune(12))).rejects.toMatchObject({ code: "unavailable" });
    commit.mockRestore();
    await write("b");
    await follow(follower, inJune(12));
    expect(taken).toEqual(["a", "a", "b"]);
  });

  it("passes over what can never be taken, and says so in the log", async () => {
    const { follower, taken } = noting((key) => (key === "a" ? new Error("No such thing.") : undefined));
    for (const key of ["a", "b"]) await write(key);
    await follow(follower, inJune(12));
    await follow(follower, inJune(12));
    expect(taken).toEqual(["b"]);
    const passed = [];
    for await (const { body } of auditEntries(`${year}-06`)) if (body.action === "feed.passOver") passed.push(body);
    expect(passed).toMatchObject([{ evidence: { follower: "noting", reason: "No such thing." } }]);
  });

  it("waits alone when it cannot go on, and each goes on from its own position", async () => {
    let away = true;
    const slow = noting(() => (away ? new AppError("throttled", "Later.") : undefined));
    const { follower, taken } = noting();
    const followers = [{ ...slow.follower, name: "slow" }, follower];
    for (const key of ["a", "b"]) await write(key);
    expect(await feed.follow(followers, inJune(12))).toMatchObject({ taken: 2, failures: [{ code: "throttled" }] });
    away = false;
    await write("c");
    expect(await feed.follow(followers, inJune(12))).toMatchObject({ taken: 4, failures: [] });
    expect([taken, slow.taken]).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("knows whether the log has grown since", async () => {
    const { follower } = noting();
    await write("a");
    expect(await feed.hasGrown(inJune(12))).toBe(true);
    await follow(follower, inJune(12));
    expect(await feed.hasGrown(inJune(12))).toBe(false);
    await write("b");
    expect(await feed.hasGrown(inJune(12))).toBe(true);
  });

  it("leaves the position of another run that was faster", async () => {
    const { follower, taken } = noting();
    for (const key of ["a", "b"]) await write(key);
    await Promise.all([follow(follower, inJune(12)), follow(follower, inJune(12))]);
    expect(await follow(follower, inJune(12))).toBe(0);
    expect(new Set(taken)).toEqual(new Set(["a", "b"]));
  });

  it("reads entries of other instances from the table", async () => {
    for (let each = 0; each < 250; each++) await write(`k${each}`);
    const { follower, taken } = noting();
    await follow(follower, inJune(12));
    expect(taken).toEqual(Array.from({ length: 250 }, (_, each) => `k${each}`));
  });
});
