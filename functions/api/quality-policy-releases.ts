import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { listGroups } from "../../shared/groups/store.js";
import { publishedUpdates, updateNamed } from "../../shared/quality-policies/catalogue.js";
import { coverage } from "../../shared/quality-policies/coverage.js";
import { type Deciding, decided, decisionForm, refusalOf } from "../../shared/quality-policies/decide.js";
import { devicePolicies, devicePoliciesSchema } from "../../shared/quality-policies/device-view.js";
import type { QualityPolicy } from "../../shared/quality-policies/policy.js";
import { ReleaseState } from "../../shared/quality-policies/release-state.js";
import { policyRelease, policyReleaseSchema, ringsOf } from "../../shared/quality-policies/releases.js";
import { qualityPolicyReport } from "../../shared/quality-policies/report.js";
import { reportRowSchema } from "../../shared/quality-policies/report-row.js";
import { changeQualityPolicy, listQualityPolicies } from "../../shared/quality-policies/store.js";
import { overviewOf, overviewSchema, standingSchema, standingView } from "../../shared/quality-policies/view.js";
import { visiblePolicies } from "../../shared/quality-policies/visible.js";
import { listDevices, readDevice } from "../../shared/registration/store.js";
import { instant } from "../../shared/schema.js";
import { newestFirst, paged, pageOf } from "./paging.js";
import { bringToTenant, change, note, POLICIES, POLICY, policyOf } from "./quality-policy-calls.js";
import { type Call, json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

export const qualityPoliciesApprovals = route({
  name: "qualityPoliciesApprovals",
  method: "GET",
  path: `${POLICIES}/releases`,
  role: "Reader",
  act: "list quality updates with their approvals",
  page: true,
  answer: { about: "Updates of the last 180 days, the newest first.", schema: pageOf(overviewSchema) },
  run: async (call) => {
    const policies = await livingPolicies(call);
    const updates = await publishedUpdates(graphClient(), clock.now());
    const value = updates.map((update) => overviewOf(policies, update));
    return json(paged(call, value, ({ releasedAt, catalogEntryId }) => `${newestFirst(releasedAt)} ${catalogEntryId}`));
  },
});

export const qualityPoliciesDeviceReport = route({
  name: "qualityPoliciesDeviceReport",
  method: "GET",
  path: `${POLICIES}/report`,
  role: "Reader",
  act: "read the report on quality update policies",
  page: true,
  answer: {
    about: "Devices with their target, made anew after four hours.",
    schema: pageOf(reportRowSchema, { at: instant.describe("When it was made.") }),
  },
  run: async (call) => {
    const { at, rows } = await qualityPolicyReport(graphClient(), clock.now());
    const visible = await withinScope(call.actor, rows);
    return json({ ...paged(call, visible, ({ deviceId }) => deviceId), at });
  },
});

const releasesQuery = z.strictObject({ state: z.enum(ReleaseState).optional() });

export const qualityPoliciesReleases = route({
  name: "qualityPoliciesReleases",
  method: "GET",
  path: `${POLICY}/releases`,
  role: "Reader",
  act: "list the updates of a quality update policy",
  query: releasesQuery,
  page: true,
  answer: { about: "Updates of the last 180 days, the newest first.", schema: pageOf(policyReleaseSchema) },
  run: async (call) => {
    const [policy, now, graph] = [await policyOf(call), clock.now(), graphClient()];
    const estate = { groups: await listGroups(), devices: await listDevices(), now };
    const rings = ringsOf(policy, await coverage(graph, now, [policy]), estate);
    const releases = (await publishedUpdates(graph, now)).map((update) => policyRelease(policy, update, rings));
    const wanted = releases.filter(({ state }) => (call.asked.state ?? state) === state);
    return json(
      paged(call, wanted, ({ releasedAt, catalogEntryId }) => `${newestFirst(releasedAt)} ${catalogEntryId}`),
    );
  },
});

const decidedSchema = standingSchema.extend({
  policyId: z.string(),
  policy: z.string(),
  changed: z.boolean(),
  reason: z.string().nullable().describe("Why a policy stays as it was."),
});
const decidedAnswer = z.object({ update: z.string(), summary: z.string(), value: z.array(decidedSchema) });

export const qualityPoliciesDecide = route({
  name: "qualityPoliciesDecide",
  method: "POST",
  path: `${POLICY}/decisions`,
  role: "Approver",
  act: "decide about an update in a quality update policy",
  body: decisionForm,
  ifMatch: true,
  answer: { about: "Where the update stands now; devices follow within 8 hours.", schema: decidedAnswer },
  run: async (call) => {
    const deciding = await decidingOf(call);
    const after = await change(call, call.body.action, (present) => decided(present, deciding));
    await bringToTenant(call);
    return json(await outcome(call, deciding, [{ policy: after, reason: null }]));
  },
});

export const qualityPoliciesDecideForAll = route({
  name: "qualityPoliciesDecideForAll",
  method: "POST",
  path: `${POLICIES}/decisions`,
  role: "Approver",
  act: "decide about an update in all quality update policies",
  body: decisionForm,
  answer: { about: "What became of it in each policy; those it does not fit stay as they are.", schema: decidedAnswer },
  run: async (call) => {
    const deciding = await decidingOf(call);
    const policies = await livingPolicies(call);
    const judged = policies.map((policy) => ({ policy, refusal: refusalOf(policy, deciding) }));
    const [first] = judged;
    if (first?.refusal !== undefined && judged.every(({ refusal }) => refusal !== undefined)) throw first.refusal;
    const results: Result[] = [];
    for (const { policy, refusal } of judged) {
      if (refusal !== undefined) results.push({ policy, reason: refusal.message });
      else results.push({ policy: await decideIn(call, policy, deciding), reason: null });
    }
    await bringToTenant(call);
    return json(await outcome(call, deciding, results));
  },
});

export const deviceQualityPoliciesGet = route({
  name: "deviceQualityPoliciesGet",
  method: "GET",
  path: "devices/{deviceId}/quality-policies",
  role: "Reader",
  act: "read which quality update policy decides for a device",
  answer: { about: "Its policies, and which of them wins.", schema: devicePoliciesSchema, etag: true },
  run: async (call) =>
    json(await devicePolicies(graphClient(), await readDevice(param(call, "deviceId")), clock.now())),
});

interface Result {
  /** As it is now. */
  readonly policy: QualityPolicy;
  /** Why it stays as it was; null: it does not. */
  readonly reason: string | null;
}

async function decideIn(call: Call<Deciding["form"]>, { id, name }: QualityPolicy, deciding: Deciding) {
  await note(call, call.body.action, { id, name }, { ...call.body });
  return changeQualityPolicy(id, (present) => decided(present, deciding));
}

async function decidingOf({ actor, body: form }: Call<Deciding["form"]>): Promise<Deciding> {
  const now = clock.now();
  const updates = await publishedUpdates(graphClient(), now);
  return { form, updates, update: updateNamed(updates, form.update), by: actor, now };
}

async function outcome(call: Call<unknown>, { update }: Deciding, results: readonly Result[]) {
  const value = results.map(({ policy, reason }) => ({
    ...{ policyId: policy.id, policy: policy.name, changed: reason === null, reason },
    ...standingView(policy, update),
  }));
  const { summary } = overviewOf(await livingPolicies(call), update);
  return { update: update.shortName, summary, value };
}

/** The policies of the caller that are not being deleted. */
async function livingPolicies({ actor }: Pick<Call<unknown>, "actor">): Promise<QualityPolicy[]> {
  const all = await visiblePolicies(actor, await listQualityPolicies());
  return all.filter(({ deletedAt }) => deletedAt === null);
}
