import { beforeEach, expect, it, vi } from "vitest";
import { wall } from "../../../../shared/wall.js";

const audit = vi.hoisted(() => vi.fn());
vi.mock("../../../../shared/audit/audit.js", () => ({ audit }));

const { RefusalLog } = await import("../../../../shared/audit/refusals.js");
const refused = {
  actor: { id: "1", name: "Ada" },
  action: "bot.refuse",
  target: "bot",
  evidence: { reason: "forged" },
};
const written = () => audit.mock.calls.map(([{ evidence }]) => evidence);
let now = 0;

beforeEach(() => {
  audit.mockReset();
  now = 0;
  vi.spyOn(wall, "monotonic").mockImplementation(() => now);
});

it("writes refusals until there are too many, and says later how many there were", async () => {
  const log = new RefusalLog({ most: 2, windowMs: 1000 });
  for (let i = 0; i < 5; i++) await log.note(refused);
  expect(written()).toEqual([{ reason: "forged" }, { reason: "forged" }]);
  now = 1000;
  for (let i = 0; i < 2; i++) await log.note(refused);
  expect(written().slice(2)).toEqual([{ reason: "forged", leftOut: 3 }, { reason: "forged" }]);
});

it("writes only so many of one actor, so that a flood of one does not hide others", async () => {
  const log = new RefusalLog({ most: 4, mostOfOne: 2, windowMs: 1000 });
  for (let i = 0; i < 5; i++) await log.note(refused);
  for (const id of ["2", "3", "4"]) await log.note({ ...refused, actor: { id, name: id } });
  expect(audit.mock.calls.map(([{ actor }]) => actor.id)).toEqual(["1", "1", "2", "3"]);
  expect(written()[2]).toEqual({ reason: "forged", leftOut: 3 });
});

it("never takes two refusals for one", async () => {
  const log = new RefusalLog();
  await log.note(refused);
  await log.note(refused);
  expect(new Set(audit.mock.calls.map(([{ key }]) => key)).size).toBe(2);
});
