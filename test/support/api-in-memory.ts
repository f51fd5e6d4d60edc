import { vi } from "vitest";
import type { BUILT_IN_ROLES } from "../../shared/access/built-in-roles.js";
import { AppError } from "../../shared/errors.js";
import { MemoryTable } from "../../shared/store/memory-table.js";
import type { Table } from "../../shared/store/table.js";
import { operationCalls } from "./operation-calls.js";

/** What operations of the API work on, in memory. */
export interface ApiInMemory {
  readonly call: ReturnType<typeof operationCalls>;
  /** Every table by its name. */
  readonly tables: Map<string, MemoryTable>;
  /** Actions in the audit log. */
  readonly noted: string[];
  /** Role of Ada, who calls. */
  role: keyof typeof BUILT_IN_ROLES;
  /** Whether the audit log cannot be written. */
  logIsDown: boolean;
  /** Runs once, between the next reading of a row and whatever follows it. */
  afterReading: (() => Promise<void>) | undefined;
}

/** Operations of the API on empty tables, in a tenant that is active. To be had before their modules are loaded. */
export function apiInMemory(): ApiInMemory {
  const api: ApiInMemory = {
    ...{ call: operationCalls(), tables: new Map(), noted: [] },
    ...{ role: "Administrator", logIsDown: false, afterReading: undefined },
  };
  const table = async (name: string): Promise<Table> => {
    const found = api.tables.get(name) ?? new MemoryTable();
    api.tables.set(name, found);
    return contested(found, api);
  };
  vi.doMock("../../shared/store/tables.js", () => ({ table }));
  const active = async () => undefined;
  vi.doMock("../../shared/tenant/state.js", () => ({
    ...{ requireActiveTenant: active, requireEnrolled: active },
    ...{ tenantState: async () => ({ enrolment: "enrolled" }), isServed: () => true },
  }));
  vi.doMock("../../shared/audit/audit.js", () => ({
    audit: async ({ action }: { action: string }) => {
      if (api.logIsDown) throw new AppError("unavailable", "The log is away.");
      api.noted.push(action);
    },
  }));
  vi.doMock("../../shared/access/caller.js", async () => {
    const { rightsByName } = await import("../../shared/access/built-in-roles.js");
    const ada = () => ({ id: "ada", name: "Ada", rights: rightsByName([api.role])[0], scopeTagIds: "all" });
    return { callerOf: async () => ({ actor: ada(), via: "token" }) };
  });
  const done = async () => undefined;
  vi.doMock("../../workflows/client.js", () => ({ rouse: done, startOnce: done, wake: done }));
  return api;
}

/**
 * Mocks so far take effect with the next import, all at once and in no certain order: who mocks a module a second time
 * waits for that.
 */
export async function mocksInForce(): Promise<void> {
  await import("../../shared/in-turn.js");
}

function contested(table: MemoryTable, api: ApiInMemory): Table {
  return {
    get: async (...key) => {
      const row = await table.get(...key);
      const other = api.afterReading;
      api.afterReading = undefined;
      await other?.();
      return row;
    },
    page: (...asked) => table.page(...asked),
    commit: (...change) => table.commit(...change),
  };
}

/** Empties everything, and has Ada be an Administrator again. */
export function reset(api: ApiInMemory): void {
  api.tables.clear();
  api.noted.length = 0;
  Object.assign(api, { role: "Administrator", logIsDown: false, afterReading: undefined });
}

/** All that is stored, as text. */
export function storedText({ tables }: ApiInMemory): string {
  return JSON.stringify([...tables].map(([name, table]) => [name, table.dump()]));
}
