import { z } from "zod";
import { type AuditEntry, auditEntries, auditEntrySchema } from "../../shared/audit/audit.js";
import { monthOf } from "../../shared/calendar/months.js";
import { clock } from "../../shared/clock.js";
import { ledger } from "../../shared/ledger/index.js";
import { counts, instant, monthText } from "../../shared/schema.js";
import { startOnce } from "../../workflows/client.js";
import { CATALOGUE } from "../../workflows/names.js";
import { startedSchema } from "./common-schemas.js";
import { paged, pageOf } from "./paging.js";
import { json, route } from "./route.js";

const statusSchema = z
  .object({ now: instant.describe("Domain time."), rejectedSignals: counts })
  .meta({ id: "Status" });
const auditSchema = auditEntrySchema
  .extend({
    id: z.string(),
    seq: z.int().optional().describe("Place in the chain of its month, from 1."),
    previous: z.string().optional().describe("Hash of the entry before."),
    hash: z.string().optional().describe("SHA-256 of all the rest of the entry."),
  })
  .meta({ id: "AuditEntry" });
const auditQuery = z.object({
  month: monthText.optional().describe("Month of domain time, YYYY-MM; default: the present one."),
  target: z.string().optional().describe("Entries about this, e.g. release/… or group/…."),
  actor: z.string().optional().describe("Entries of the person, application or service with this id."),
  action: z.string().optional().describe("Entries of this act, e.g. release.pause."),
});

/** Whether an entry is one of those asked for. */
function isWanted({ actor, action, target }: AuditEntry, asked: z.infer<typeof auditQuery>): boolean {
  const is = (wanted: string | undefined, given: string) => wanted === undefined || wanted === given;
  return is(asked.target, target) && is(asked.actor, actor.id) && is(asked.action, action);
}

export const statusGet = route({
  name: "statusGet",
  method: "GET",
  path: "status",
  role: "Reader",
  act: "read the service status",
  answer: { about: "Domain time, and refused signals by reason.", schema: statusSchema },
  run: async () => json({ now: clock.iso(), rejectedSignals: await (await ledger()).rejections() }),
});

export const auditList = route({
  name: "auditList",
  method: "GET",
  path: "audit",
  role: "Reader",
  act: "read the audit log",
  query: auditQuery,
  page: true,
  answer: { about: "Entries of a month, the oldest first.", schema: pageOf(auditSchema) },
  run: async (call) => {
    const entries = [];
    const { month = monthOf(clock.now()) } = call.asked;
    for await (const { id, body, link } of auditEntries(month)) {
      if (isWanted(body, call.asked)) entries.push({ id, ...body, ...link });
    }
    return json(paged(call, entries, ({ id }) => id));
  },
});

export const catalogueSync = route({
  name: "catalogueSync",
  method: "POST",
  path: "catalogue/sync",
  role: "Operator",
  act: "look for new updates",
  answer: { status: 202, about: "The look has begun.", schema: startedSchema },
  run: async ({ client }) => {
    await startOnce(client, CATALOGUE, "catalogue-now", {});
    return json({ started: CATALOGUE }, 202);
  },
});
