import type { HttpResponseInit } from "@azure/functions";
import { z } from "zod";
import { type Conflicts, onlyOf, searched } from "../../shared/policies/conflicts/conflict.js";
import { conflictsCsv } from "../../shared/policies/conflicts/csv.js";
import { readConflicts } from "../../shared/policies/conflicts/store.js";
import { startOnce } from "../../workflows/client.js";
import { POLICY_CONFLICTS } from "../../workflows/names.js";
import { type Call, json, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

const conflictQuery = z.strictObject({
  /** `policies`: one row per conflicting policy; `devices`: the devices that it reaches. */
  tab: z.enum(["policies", "devices"]).default("policies"),
  /** Part of the name of the expected or the conflicting policy. */
  search: z.string().max(200).default(""),
  /** The function key may come as a query parameter. */
  code: z.string().optional(),
});

route({
  name: "policyConflictsList",
  method: "GET",
  path: "policy-conflicts",
  role: "Reader",
  act: "read policy conflicts",
  run: async (call) => {
    if (/\btext\/csv\b/.test(call.headers.get("accept") ?? "")) return csv(await wanted(call));
    const { tab } = validate(conflictQuery, Object.fromEntries(call.query));
    const { conflicts, devices } = await wanted(call);
    return json({ value: tab === "devices" ? devices : conflicts });
  },
});

route({
  name: "policyConflictsCsv",
  method: "GET",
  path: "policy-conflicts.csv",
  role: "Reader",
  act: "export policy conflicts",
  run: async (call) => csv(await wanted(call)),
});

route({
  name: "policyConflictsRefresh",
  method: "POST",
  path: "policy-conflicts/refresh",
  role: "Operator",
  act: "look for policy conflicts",
  run: async ({ client }) => {
    await startOnce(client, POLICY_CONFLICTS, "policy-conflicts", {});
    return json({ started: POLICY_CONFLICTS }, 202);
  },
});

async function wanted({ query, actor }: Call<undefined>): Promise<Conflicts> {
  const { search } = validate(conflictQuery, Object.fromEntries(query));
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
