import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../../../infra/local/durable/index.js";
import { Lease } from "../../../../../infra/local/durable/lease.js";

const leaseOn = (store = memoryStore()) => ({
  store,
  lease: new Lease(
    store,
    "me",
    () => {},
    () => {},
  ),
});
const owned = (pid: number, machine: string, beat: number) => ({ owner: "other", machine, pid, beat, epoch: 7 });

describe("lease of a task hub", () => {
  it("is taken over at once from a dead process of the same machine", async () => {
    const child = spawn(process.execPath, ["-e", "0"]);
    await once(child, "exit");
    const { store, lease } = leaseOn();
    await store.writeLease(owned(child.pid ?? 0, hostname(), Date.now()), undefined);
    expect(await lease.take()).toBe(8);
    await lease.release();
  });

  it("is refused while its owner lives, with the owner's name", async () => {
    const { store, lease } = leaseOn();
    await store.writeLease(owned(process.ppid, hostname(), Date.now()), undefined);
    await expect(lease.take(0)).rejects.toThrow(`Process ${process.ppid} on ${hostname()} already runs this task hub`);
  });

  it("is taken from another machine when its heartbeat has stopped", async () => {
    const { store, lease } = leaseOn();
    await store.writeLease(owned(1, "elsewhere", Date.now() - 60_000), undefined);
    expect(await lease.take()).toBe(8);
    lease.abandon();
  });

  it("is free for anybody after it was given back", async () => {
    const { store, lease } = leaseOn();
    expect(await lease.take()).toBe(1);
    await lease.release();
    expect(await leaseOn(store).lease.take()).toBe(2);
  });
});
