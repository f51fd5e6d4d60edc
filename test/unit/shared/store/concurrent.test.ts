import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { changeDocument, writeAsRead } from "../../../../shared/store/concurrent.js";
import { type Documents, documents } from "../../../../shared/store/documents.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

interface Count {
  readonly count: number;
}

let store: Documents<Count>;
beforeEach(async () => {
  store = documents(new MemoryTable(), z.object({ count: z.number() }));
  await store.insert("p", "a", { count: 1 });
});

const read = async () => {
  const found = await store.get("p", "a");
  if (found === undefined) throw new Error("There is no a.");
  return found;
};
const stored = async () => (await read()).body.count;
/** Reads, and lets somebody else add 10 before what is read is written over, the first `times`. */
const overtaken = (times: number) => {
  let left = times;
  return async () => {
    const found = await read();
    if (left-- > 0) await store.put("p", "a", { count: found.body.count + 10 });
    return found;
  };
};
const more = ({ count }: Count) => ({ count: count + 1 });

describe("a change", () => {
  it("is made on top of what somebody else was faster with", async () => {
    expect(await changeDocument(store, overtaken(2), more)).toEqual({ count: 22 });
    expect(await stored()).toBe(22);
  });

  it("gives up after so many tries, and has changed nothing", async () => {
    const patience = { tries: 2, what: "counter a" };
    const given = changeDocument(store, overtaken(2), more, patience);
    await expect(given).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("counter a") });
    expect(await stored()).toBe(21);
  });

  it("that changes nothing writes nothing", async () => {
    const { etag } = await read();
    expect(await changeDocument(store, read, (body) => body)).toEqual({ count: 1 });
    expect((await read()).etag).toBe(etag);
  });

  it("that is refused is not tried again", async () => {
    let tries = 0;
    const refuse = () => {
      tries++;
      throw new Error("Refused.");
    };
    await expect(changeDocument(store, read, refuse)).rejects.toThrow("Refused.");
    expect(tries).toBe(1);
  });
});

describe("what was read is written over", () => {
  it("only while it is as it was", async () => {
    const before = await read();
    await writeAsRead(store, ["p", "a"], { count: 2 }, before);
    await expect(writeAsRead(store, ["p", "a"], { count: 3 }, before)).rejects.toMatchObject({ code: "conflict" });
    expect(await stored()).toBe(2);
  });

  it("and only while there is none where none was", async () => {
    await writeAsRead(store, ["p", "b"], { count: 1 }, undefined);
    await expect(writeAsRead(store, ["p", "b"], { count: 2 }, undefined)).rejects.toMatchObject({ code: "conflict" });
  });
});
