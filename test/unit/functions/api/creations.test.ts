import { beforeEach, describe, expect, it, vi } from "vitest";
import { rightsOf } from "../../../../shared/access/roles.js";
import { AppError } from "../../../../shared/errors.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";
import { operationCalls } from "../../../support/operation-calls.js";

const tables = new Map<string, MemoryTable>();
vi.mock("../../../../shared/store/tables.js", () => ({
  table: async (name: string) => {
    const found = tables.get(name) ?? new MemoryTable();
    tables.set(name, found);
    return found;
  },
}));
vi.mock("../../../../shared/tenant/state.js", () => ({
  requireActiveTenant: async () => undefined,
  requireEnrolled: async () => undefined,
}));
const log = vi.hoisted(() => ({ down: false }));
vi.mock("../../../../shared/audit/audit.js", () => ({
  audit: async () => {
    if (log.down) throw new AppError("unavailable", "The log is away.");
  },
}));
vi.mock("../../../../shared/access/caller.js", () => ({
  callerOf: async () => ({
    actor: { id: "ada", name: "Ada", rights: rightsOf("Administrator"), scopeTagIds: "all" },
    via: "token",
  }),
}));
vi.stubEnv("WEBHOOK_KEY", Buffer.alloc(32, 7).toString("base64"));
const call = operationCalls();
await import("../../../../functions/api/webhooks.js");

beforeEach(() => {
  tables.clear();
  log.down = false;
});

const headers = { "idempotency-key": "once" };
const stored = () => JSON.stringify([...tables.values()].map((table) => table.dump()));

describe("a secret that an answer tells", () => {
  const body = { url: "https://hooks.contoso.example/in", events: ["*"] };

  it("is told again to the same key, and nowhere kept as it is", async () => {
    const first = await call("webhooksAdd", { headers, body });
    const again = await call("webhooksAdd", { headers, body });
    expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
    expect(again.body).toEqual(first.body);
    expect(String(first.body.secret)).toMatch(/^whsec_/);
    expect(stored()).not.toContain(String(first.body.secret).slice(6, 20));
  });
});
