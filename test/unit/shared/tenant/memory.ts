import { z } from "zod";
import { CLOCK_KEY } from "../../../../shared/clock.js";
import { AppError } from "../../../../shared/errors.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

/** The app's storage in memory, a table per name. */
export class MemoryTables {
  readonly #tables = new Map<string, MemoryTable>();

  of(name: string): MemoryTable {
    const known = this.#tables.get(name) ?? new MemoryTable();
    this.#tables.set(name, known);
    return known;
  }

  clear(): void {
    this.#tables.clear();
  }
}

/** Domain time that a test sets, ms. */
export const time = { now: Date.parse("2024-06-10T12:00:00Z") };
Object.assign(globalThis, { [CLOCK_KEY]: { now: () => time.now } });

/** Graph that answers reads by their path: with items or a value, or by throwing. It cannot be written to. */
export function answering(answers: Readonly<Record<string, unknown>>): Graph & { readonly reads: string[] } {
  const reads: string[] = [];
  const answer = (path: string): unknown => {
    reads.push(path);
    const found = answers[path];
    if (found instanceof Error) throw found;
    if (found === undefined) throw new AppError("forbidden", `There is no permission for ${path}.`);
    return found;
  };
  const refuse = async () => {
    throw new Error("Nothing may be written.");
  };
  const list: Graph["list"] = async (path, { schema }) => z.array(schema).parse(answer(path));
  return {
    reads,
    list,
    get: async (path, { schema }) => z.parse(schema, answer(path)),
    async *pages(path, options) {
      yield await list(path, options);
    },
    post: async (path, body) => (path === "/$batch" ? { status: 200, body: batchOf(body, answer) } : refuse()),
    patch: refuse,
    put: refuse,
    delete: refuse,
    batch: refuse,
  };
}

const STATUS: Readonly<Record<string, number>> = { forbidden: 403, unauthenticated: 401, throttled: 429 };

/** Answers the steps of a batch one by one, by their path without its query. */
function batchOf(body: unknown, answer: (path: string) => unknown) {
  const { requests } = body as { requests: readonly { id: string; url: string }[] };
  const responses = requests.map(({ id, url }) => {
    try {
      return { id, status: 200, body: { value: answer(url.replace(/\?.*/, "")) } };
    } catch (error) {
      return { id, status: error instanceof AppError ? (STATUS[error.code] ?? 503) : 500 };
    }
  });
  return { responses };
}

const plan = (servicePlanId: string, provisioningStatus = "Success") => ({ servicePlanId, provisioningStatus });
const PLANS = [plan("9a6eeb79-0b4b-4bf0-9808-39d99a2cd5a3"), plan("c1ec4a95-1f05-45b3-a911-aa3fa01094f5")];

/** A subscription as Graph lists it: Microsoft 365 E3 with its plans unless told otherwise. */
export function sku(given: Readonly<Record<string, unknown>> = {}) {
  return {
    skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965",
    skuPartNumber: "SPE_E3",
    capabilityStatus: "Enabled",
    servicePlans: PLANS,
    ...given,
  };
}

/** Reads that every permission of the service allows. */
export const PERMITTED = {
  "/subscribedSkus": [sku()],
  "/admin/windows/updates/catalog/entries": {},
  "/deviceManagement/deviceConfigurations": [],
  "/deviceManagement/managedDevices": [],
  "/groups": {},
  "/devices": {},
} as const;

export const ADMIN = {
  id: "admin-1",
  name: "Ada",
  rights: { groups: "Administrator", policies: "Administrator", tenant: "Administrator" },
  scopeTagIds: "all",
} as const;

export const CONTACT = {
  name: "Grace",
  email: "grace@contoso.example",
  phone: "+49 30 1234-5",
  language: "de",
  areas: ["Devices" as const, "Updates" as const],
  releaseMail: true,
};
