import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { type Conflicts, onlyOf, searched } from "../../shared/policies/conflicts/conflict.js";
import { conflictsCsv } from "../../shared/policies/conflicts/csv.js";
import { readConflicts } from "../../shared/policies/conflicts/store.js";
import { conflictViewSchema } from "../../shared/policies/view-schema.js";
import { startOnce } from "../../workflows/client.js";
import { POLICY_CONFLICTS } from "../../workflows/names.js";
import { startedSchema } from "./common-schemas.js";
import { paged, pageOf } from "./paging.js";
import { type Call, json, route } from "./route.js";
import { withinScope } from "./scope.js";

const searchQuery = z.object({
  search: z.string().max(200).default("").describe("Part of the name of the expected or the conflicting policy."),
});
const conflictQuery = searchQuery.extend({
  tab: z
    .enum(["policies", "devices"])
    .default("policies")
    .describe("One row per conflicting policy, or the devices that they reach."),
});

export const policyConflictsList = route({
  name: "policyConflictsList",
  method: "GET",
  path: "policy-conflicts",
  role: "Reader",
  act: "read policy conflicts",
  query: conflictQuery,
  page: true,
  answer: {
    about: "Conflicting policies, or the devices that they reach; as CSV where the Accept header asks for text/csv.",
    schema: pageOf(conflictViewSchema),
    type: "text/csv",
  },
  run: async (call) => {
    const found = await wanted(call);
    if (/\btext\/csv\b/.test(call.headers.get("accept") ?? "")) return csv(found);
    if (call.asked.tab === "devices") return json(paged(call, found.devices, ({ deviceId }) => deviceId));
    return json(paged(call, found.conflicts, ({ id }) => id));
  },
});

export const policyConflictsCsv = route({
  name: "policyConflictsCsv",
  method: "GET",
  path: "policy-conflicts.csv",
  role: "Reader",
  act: "export policy conflicts",
  query: searchQuery,
  answer: { about: "One row per conflicting policy.", type: "text/csv" },
  run: async (call) => csv(await wanted(call)),
});

export const policyConflictsRefresh = route({
  name: "policyConflictsRefresh",
  method: "POST",
  path: "policy-conflicts/refresh",
  role: "Operator",
  act: "look for policy conflicts",
  answer: { status: 202, about: "The search has begun.", schema: startedSchema },
  run: async ({ client }) => {
    await startOnce(client, POLICY_CONFLICTS, "policy-conflicts", {});
    return json({ started: POLICY_CONFLICTS }, 202);
  },
});

async function wanted({ asked: { search }, actor }: Call<undefined, { search: string }>): Promise<Conflicts> {
  const { conflicts, devices } = await readConflicts();
  const owned = conflicts.map((conflict) => ({ groupId: conflict.groupId ?? "", conflict }));
  const visible = (await withinScope(actor, owned)).map(({ conflict }) => conflict);
  return searched(onlyOf({ conflicts: visible, devices }), search);
}

function csv(found: Conflicts): HttpResponseInit {
  const headers = {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="policy-conflicts.csv"',
  };
  return { status: 200, headers, body: conflictsCsv(found) };
}
