import { z } from "zod";
import { auditEntries } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { ledger } from "../../shared/ledger/index.js";
import { startOnce } from "../../workflows/client.js";
import { CATALOGUE } from "../../workflows/names.js";
import { json, route, validate } from "./route.js";

route({
  name: "statusGet",
  method: "GET",
  path: "status",
  role: "Reader",
  act: "read the service status",
  run: async () => json({ now: clock.iso(), rejectedSignals: await (await ledger()).rejections() }),
});

const auditQuery = z.object({
  month: z
    .string()
    .regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, "write the month as YYYY-MM")
    .optional(),
});

route({
  name: "auditList",
  method: "GET",
  path: "audit",
  role: "Reader",
  act: "read the audit log",
  run: async ({ query }) => {
    const value = [];
    const { month = clock.iso().slice(0, 7) } = validate(auditQuery, Object.fromEntries(query));
    for await (const { id, body, link } of auditEntries(month)) value.push({ id, ...body, ...link });
    return json({ value });
  },
});

route({
  name: "catalogueSync",
  method: "POST",
  path: "catalogue/sync",
  role: "Operator",
  act: "look for new updates",
  run: async ({ client }) => {
    await startOnce(client, CATALOGUE, "catalogue-now", {});
    return json({ started: CATALOGUE }, 202);
  },
});
