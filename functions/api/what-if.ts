import { z } from "zod";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { readGroup } from "../../shared/groups/store.js";
import { baseOf } from "../../shared/what-if/base.js";
import { tenantFleet } from "../../shared/what-if/inventory.js";
import { renderReport } from "../../shared/what-if/report/report.js";
import {
  type Candidate,
  candidatesSchema,
  DEFAULT_MONTHS,
  settleCandidates,
  WHAT_IF_LIMITS,
} from "../../shared/what-if/settings.js";
import { readAnswer, readRun, type WhatIfRun, WhatIfStatus, writeRun } from "../../shared/what-if/store.js";
import { trialCount } from "../../shared/what-if/trials.js";
import { whatIfSchema } from "../../shared/what-if/view-schema.js";
import { startWhatIf } from "../../workflows/what-if.js";
import { type Call, json, param, route } from "./route.js";
import { refuseOutOfScope } from "./scope.js";

const whatIfBody = z.strictObject({
  groupId: z.string().min(1),
  candidates: candidatesSchema,
  months: z.int().min(1).max(WHAT_IF_LIMITS.months).default(DEFAULT_MONTHS),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  justification: z.string().trim().min(1).max(500).optional(),
});

export const whatIfPost = route({
  name: "whatIfPost",
  method: "POST",
  path: "what-if",
  role: "Operator",
  act: "simulate settings",
  body: whatIfBody,
  answer: { status: 202, about: "The what-if; statusUrl tells how far it is.", schema: whatIfSchema },
  run: async ({ actor, body, client }) => {
    const { groupId, candidates, months, seed, justification } = body;
    await refuseOutOfScope(actor, { groupId });
    const { definition } = (await readGroup(groupId)).body;
    const base = baseOf(definition);
    const settled = settledOn(base, candidates);
    // Says at once when there is nobody to simulate; the run reads the devices again.
    await tenantFleet(
      groupId,
      base.rings.map(({ name }) => name),
    );
    const at = clock.now();
    const run: WhatIfRun = {
      ...{ id: `what-if-${crypto.randomUUID()}`, groupId, groupName: definition.name },
      ...{ requestedAt: new Date(at).toISOString(), requestedBy: actor.name },
      ...{ seed, months, candidates: settled, base, status: WhatIfStatus.waiting },
      ...{ done: 0, total: trialCount({ months, candidates: settled }), problem: null },
    };
    await writeRun(run);
    const evidence = { whatIf: run.id, months, seed, candidates: settled };
    await audit({
      at,
      actor,
      action: "whatIf.request",
      target: `group/${groupId}`,
      justification,
      evidence,
      key: run.id,
    });
    await startWhatIf(client, run.id);
    const answer = json(runView(run), 202);
    return { ...answer, headers: { ...answer.headers, location: pathOf(run) } };
  },
});

export const whatIfGet = route({
  name: "whatIfGet",
  method: "GET",
  path: "what-if/{whatIfId}",
  role: "Reader",
  act: "read a what-if",
  answer: { about: "The what-if, with its result once it is finished.", schema: whatIfSchema, etag: true },
  run: async (call) => {
    const run = await runOf(call);
    const result = await readAnswer(run.id);
    return json({ ...runView(run), ...(result === undefined ? {} : { result }) });
  },
});

export const whatIfReport = route({
  name: "whatIfReport",
  method: "GET",
  path: "what-if/{whatIfId}/report",
  role: "Reader",
  act: "read the report of a what-if",
  answer: { about: "One page for people.", type: "text/html" },
  run: async (call) => {
    const run = await runOf(call);
    const answer = await readAnswer(run.id);
    if (answer === undefined) {
      const message = `What-if ${run.id} is ${run.status}: ${run.problem ?? `${run.done} of ${run.total} months are simulated`}. GET ${pathOf(run)} tells when it is finished.`;
      throw new AppError("conflict", message, { field: "whatIfId", details: { status: run.status } });
    }
    const body = renderReport(answer, { title: run.groupName, at: run.requestedAt });
    return { headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY }, body };
  },
});

/** The report carries its style and nothing else that a browser would have to fetch or run. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const pathOf = ({ id }: Pick<WhatIfRun, "id">): string => `/api/v1/what-if/${id}`;

/** The run that the path names, if the caller may see its Autopatch group. */
async function runOf(call: Call<unknown>): Promise<WhatIfRun> {
  const run = await readRun(param(call, "whatIfId"));
  await refuseOutOfScope(call.actor, { groupId: run.groupId });
  return run;
}

function settledOn(base: ReturnType<typeof baseOf>, candidates: readonly Candidate[]) {
  const settled = settleCandidates(base, candidates);
  if ("candidates" in settled) return settled.candidates;
  const { field, message } = settled.problem;
  throw new AppError("invalid_input", `${field}: ${message}.`, { field });
}

/** A run as the API shows it: what was asked for, and how far it is. */
function runView(run: WhatIfRun) {
  const { base: _base, done, total, ...shown } = run;
  const progress = { done, total, percent: Math.floor((100 * done) / total) };
  return { ...shown, progress, statusUrl: pathOf(run), reportUrl: `${pathOf(run)}/report` };
}
