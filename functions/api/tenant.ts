import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { renewSignIn, tenantManagementGraph } from "../../shared/graph/client.js";
import { listSkus } from "../../shared/graph/licences.js";
import {
  assessmentSchema,
  deleteAssessments,
  listAssessments,
  runAssessment,
} from "../../shared/tenant/assessments.js";
import { checkTenant } from "../../shared/tenant/check.js";
import { contactSchema } from "../../shared/tenant/contacts.js";
import { enrol } from "../../shared/tenant/enrol.js";
import { beginLeaving } from "../../shared/tenant/leave.js";
import { entitlementOf } from "../../shared/tenant/licences.js";
import { Enrolment, type TenantState } from "../../shared/tenant/schema.js";
import { tenantState } from "../../shared/tenant/state.js";
import { tenantView } from "../../shared/tenant/view.js";
import { assessmentsSchema, entitlementSchema, tenantViewSchema } from "../../shared/tenant/view-schema.js";
import { followUp } from "../../workflows/tenant-client.js";
import { etagOf, refuseStale } from "./etag.js";
import { note } from "./note.js";
import { type Call, json, route } from "./route.js";

export const tenantGet = route({
  name: "tenantGet",
  method: "GET",
  path: "tenant",
  role: "Reader",
  act: "read the tenant's status",
  answer: { about: "The tenant.", schema: tenantViewSchema, etag: true },
  run: async () => json(await shown(await tenantState())),
});

export const tenantLicences = route({
  name: "tenantLicences",
  method: "GET",
  path: "tenant/licences",
  role: "Reader",
  act: "read the tenant's licences",
  answer: { about: "What the tenant's licences entitle it to.", schema: entitlementSchema },
  run: async () => json(entitlementOf(await listSkus(tenantManagementGraph()))),
});

export const assessmentRun = route({
  name: "assessmentRun",
  method: "POST",
  path: "tenant/assessment",
  role: "Administrator",
  act: "run the readiness assessment",
  tenant: "any",
  body: z.strictObject({ optionalChecks: z.boolean().default(false) }),
  answer: { about: "What the assessment found.", schema: assessmentSchema },
  run: async ({ actor, body }) => {
    renewSignIn();
    return json(await runAssessment(actor, clock.now(), body));
  },
});

export const assessmentGet = route({
  name: "assessmentGet",
  method: "GET",
  path: "tenant/assessment",
  role: "Reader",
  act: "read the readiness assessment",
  answer: { about: "The newest assessment, and those before it.", schema: assessmentsSchema, etag: true },
  run: async () => {
    const assessments = await listAssessments();
    const latest = assessments.at(-1);
    if (latest !== undefined) return json({ ...latest, earlier: assessments.slice(0, -1) });
    throw new AppError("not_found", "There is no readiness assessment. Run one with POST /api/v1/tenant/assessment.");
  },
});

export const assessmentDelete = route({
  name: "assessmentDelete",
  method: "DELETE",
  path: "tenant/assessment",
  role: "Administrator",
  act: "delete all data of the readiness assessment",
  tenant: "any",
  answer: { status: 204, about: "All data of the assessments are gone." },
  run: async ({ actor }) => {
    const count = await deleteAssessments();
    await note(actor, "tenant.deleteAssessments", "tenant", { evidence: { count } });
    return { status: 204 };
  },
});

export const tenantEnrol = route({
  name: "tenantEnrol",
  method: "POST",
  path: "tenant/enrol",
  role: "Administrator",
  act: "enrol the tenant",
  tenant: "any",
  body: z.strictObject({
    termsVersion: z.string().min(1),
    acceptTerms: z.literal(true, "the terms must be accepted"),
    consent: z.literal(true, "consent must be given"),
    contacts: z.array(contactSchema).min(1).max(50),
  }),
  ifMatch: true,
  answer: { about: "The enrolled tenant.", schema: tenantViewSchema },
  run: async (call) => {
    const { termsVersion, contacts } = call.body;
    const numbered = contacts.map((contact) => ({ id: crypto.randomUUID(), ...contact }));
    await refuseStale(call, tenantEtag);
    const state = await enrol({ termsVersion, contacts: numbered }, call.actor, clock.now());
    return answer(call, state);
  },
});

export const tenantLeave = route({
  name: "tenantLeave",
  method: "POST",
  path: "tenant/unenrol",
  role: "Administrator",
  act: "have the tenant leave the service",
  tenant: "any",
  body: z.strictObject({ confirm: z.literal(true, "say true: all data of the service are deleted") }),
  ifMatch: true,
  answer: { status: 202, about: "The tenant; it is leaving.", schema: tenantViewSchema },
  run: async (call) => {
    await refuseStale(call, tenantEtag);
    return answer(call, await beginLeaving(call.actor, clock.now()), 202);
  },
});

export const tenantCheck = route({
  name: "tenantCheck",
  method: "POST",
  path: "tenant/check",
  role: "Operator",
  act: "check the tenant's licences and consent",
  tenant: "any",
  answer: { about: "The tenant as it was found.", schema: tenantViewSchema },
  run: async (call) => {
    const state = await checkTenant(clock.now(), true);
    if (state.enrolment === Enrolment.enrolled) return answer(call, state);
    throw new AppError("not_enrolled", "Only an enrolled tenant is checked. POST /api/v1/tenant/assessment says more.");
  },
});

/** What the new state asks for is set going before the caller hears of it. */
async function answer({ client }: Pick<Call<unknown>, "client">, state: TenantState, status = 200) {
  await followUp(client, state);
  return json(await shown(state), status);
}

async function tenantEtag(): Promise<string> {
  return etagOf(JSON.stringify(await shown(await tenantState())));
}

async function shown(state: TenantState) {
  return tenantView(state, (await listAssessments()).at(-1));
}
