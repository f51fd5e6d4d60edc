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
  vi.spyOn(wall, "now").mockImplementation(() => now);
});

it("writes refusals until there are too many, and says later how many there were", async () => {
  const log = new RefusalLog(2, 1000);
  for (let i = 0; i < 5; i++) await log.note(refused);
  expect(written()).toEqual([{ reason: "forged" }, { reason: "forged" }]);
  now = 1000;
  for (let i = 0; i < 2; i++) await log.note(refused);
  expect(written().slice(2)).toEqual([{ reason: "forged", leftOut: 3 }, { reason: "forged" }]);
});

it("never takes two refusals for one", async () => {
  const log = new RefusalLog();
  await log.note(refused);
  await log.note(refused);
  expect(new Set(audit.mock.calls.map(([{ key }]) => key)).size).toBe(2);
});
