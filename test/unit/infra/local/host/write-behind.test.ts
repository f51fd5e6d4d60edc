import { expect, test, vi } from "vitest";
import { WriteBehind } from "../../../../../infra/local/host/write-behind.js";

test("writes at once when the last write is a while ago, then all that is new together", async () => {
  const writes: [string, number][][] = [];
  const behind = new WriteBehind<number>(async (values) => void writes.push([...values]));
  await behind.put("a", 1);
  expect(writes).toEqual([[["a", 1]]]);
  await behind.put("a", 2);
  await behind.put("b", 3);
  await behind.put("a", 4);
  expect(writes).toHaveLength(1);
  await behind.flush();
  expect(writes[1]).toEqual([
    ["a", 4],
    ["b", 3],
  ]);
});

test("writes by itself within a second", async () => {
  const writes: number[] = [];
  const behind = new WriteBehind<number>(async (values) => void writes.push(values.size));
  await behind.put("a", 1);
  await behind.put("b", 2);
  await vi.waitFor(() => expect(writes).toEqual([1, 1]), { timeout: 10_000 });
});

test("keeps what could not be written, under what came since", async () => {
  let broken = true;
  const writes: [string, number][][] = [];
  const behind = new WriteBehind<number>(async (values) => {
    if (broken) throw new Error("storage is away");
    writes.push([...values]);
  });
  await expect(behind.put("a", 1)).rejects.toThrow("storage is away");
  broken = false;
  await behind.put("a", 2);
  await behind.flush();
  expect(writes).toEqual([[["a", 2]]]);
});
