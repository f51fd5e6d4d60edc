import { z } from "zod";
import { type Graph, UPDATES } from "../graph.js";
import { bool, created, dateTime, text } from "../lenient.js";
import { segment } from "../odata.js";
import { absentWhenMissing, notYet, oldestFirst } from "../settle.js";
import { Category, entryType } from "./content.js";

const POLICIES = `${UPDATES}/updatePolicies`;
const TYPE = "microsoft.graph.windowsUpdates";

/** What an update policy approves by itself (graph.md §1.8). */
export interface PolicyRule {
  /** Days from publication to the offer, 1 to 30. */
  readonly deferralDays: number;
  /** Of quality updates. */
  readonly classification?: "all" | "security" | "nonSecurity" | undefined;
  readonly cadence?: "monthly" | "outOfBand" | undefined;
}

/** An update policy as it should be. */
export interface DesiredUpdatePolicy {
  readonly audienceId: string;
  readonly category: typeof Category.driver | typeof Category.quality;
  /** Null: people approve every update. */
  readonly rule: PolicyRule | null;
  /** Devices that can take hotpatches get them. */
  readonly hotpatch: boolean;
  readonly approvals: readonly DesiredApproval[];
}

/** An update that people approved, and from when it is offered (ms; null: at once). */
export interface DesiredApproval {
  readonly catalogEntryId: string;
  readonly startAt: number | null;
}

const policySchema = z.object({
  id: z.string().min(1),
  createdDateTime: dateTime,
  audience: z.object({ id: text }).nullish(),
});

const approvalSchema = z.object({
  id: z.string().min(1),
  createdDateTime: dateTime,
  isRevoked: bool,
  content: z.object({ catalogEntry: z.object({ id: text }) }),
  deploymentSettings: z.object({ schedule: z.object({ startDateTime: dateTime }).nullish() }).nullish(),
});
type Approval = z.output<typeof approvalSchema>;

/**
 * The one policy of an audience, with exactly the approvals that are wanted: of two for one update the oldest stays,
 * those that nobody wants any more are revoked, which is final (graph.md §1.8). Rules of a policy cannot be changed, so
 * they are set when it is made. May be repeated; throws `not_yet_consistent` while a write does not show.
 * @returns id of the policy
 */
export async function ensureUpdatePolicy(graph: Graph, desired: DesiredUpdatePolicy): Promise<string> {
  const [kept, ...duplicates] = await policiesOf(graph, desired.audienceId);
  for (const { id } of duplicates) await deleteUpdatePolicy(graph, id);
  const id = kept?.id ?? (await createPolicy(graph, desired));
  await ensureApprovals(graph, id, desired);
  return id;
}

/** Ids of the policies of an audience, the oldest first. */
export async function policiesOf(graph: Graph, audienceId: string): Promise<readonly { readonly id: string }[]> {
  const query = { $expand: "audience" };
  const all = await graph.list(POLICIES, { query, schema: policySchema });
  return oldestFirst(all.filter(({ audience }) => audience?.id === audienceId));
}

/** Deletes a policy and its approvals; a missing one is fine. Deployments that approvals made may linger (§1.8). */
export async function deleteUpdatePolicy(graph: Graph, id: string): Promise<void> {
  for (const approval of (await absentWhenMissing(approvalsOf(graph, id))) ?? []) {
    await absentWhenMissing(graph.delete(oneApproval(id, approval.id)));
  }
  await absentWhenMissing(graph.delete(one(id)));
}

async function createPolicy(graph: Graph, desired: DesiredUpdatePolicy): Promise<string> {
  const { body } = await graph.post(POLICIES, policyBody(desired));
  const id = created.safeParse(body).data?.id;
  if (id === undefined) throw notYet(`The update policy of audience ${desired.audienceId}`);
  return id;
}

function policyBody({ audienceId, category, rule, hotpatch }: DesiredUpdatePolicy): Record<string, unknown> {
  const body = { "@odata.type": `#${TYPE}.updatePolicy`, audience: { id: audienceId } };
  if (rule === null) return body;
  const { deferralDays, classification = "all", cadence = "monthly" } = rule;
  const isDriver = category === Category.driver;
  const contentFilter = isDriver
    ? { "@odata.type": `#${TYPE}.driverUpdateFilter` }
    : { "@odata.type": `#${TYPE}.qualityUpdateFilter`, classification, cadence };
  return {
    ...body,
    complianceChangeRules: [
      {
        "@odata.type": `#${TYPE}.contentApprovalRule`,
        contentFilter,
        durationBeforeDeploymentStart: `P${deferralDays}D`,
      },
    ],
    deploymentSettings: isDriver
      ? { contentApplicability: { offerWhileRecommendedBy: ["microsoft"] } }
      : { userExperience: { isHotpatchEnabled: hotpatch } },
  };
}

async function ensureApprovals(graph: Graph, policyId: string, desired: DesiredUpdatePolicy): Promise<void> {
  const before = await liveApprovals(graph, policyId);
  for (const approval of before.filter((each) => !isWanted(each, desired))) await revoke(graph, policyId, approval.id);
  for (const wanted of desired.approvals) {
    const [kept, ...duplicates] = before.filter((each) => isFor(each, wanted));
    for (const { id } of duplicates) await absentWhenMissing(graph.delete(oneApproval(policyId, id)));
    if (kept === undefined) await graph.post(approvalsPath(policyId), approvalBody(wanted, desired.category));
    else if (startOf(kept) !== wanted.startAt) await reschedule(graph, policyId, kept.id, wanted);
  }
  const after = await liveApprovals(graph, policyId);
  const isThere = desired.approvals.every((wanted) =>
    after.some((each) => isFor(each, wanted) && startOf(each) === wanted.startAt),
  );
  if (!isThere || after.some((each) => !isWanted(each, desired))) throw notYet(`An approval of policy ${policyId}`);
}

async function liveApprovals(graph: Graph, policyId: string): Promise<Approval[]> {
  return oldestFirst((await approvalsOf(graph, policyId)).filter(({ isRevoked }) => !isRevoked));
}

function approvalsOf(graph: Graph, policyId: string): Promise<Approval[]> {
  return graph.list(approvalsPath(policyId), { schema: approvalSchema });
}

async function revoke(graph: Graph, policyId: string, id: string): Promise<void> {
  const body = { "@odata.type": `#${TYPE}.contentApproval`, isRevoked: true };
  await absentWhenMissing(graph.patch(oneApproval(policyId, id), body));
}

/** One property a call is all that Graph takes (graph.md §1.8). */
async function reschedule(graph: Graph, policyId: string, id: string, { startAt }: DesiredApproval): Promise<void> {
  const body = { "@odata.type": `#${TYPE}.contentApproval`, deploymentSettings: scheduleBody(startAt) };
  await graph.patch(oneApproval(policyId, id), body);
}

function approvalBody({ catalogEntryId, startAt }: DesiredApproval, category: Category): Record<string, unknown> {
  return {
    "@odata.type": `#${TYPE}.contentApproval`,
    content: {
      "@odata.type": `#${TYPE}.catalogContent`,
      catalogEntry: { "@odata.type": entryType(category), id: catalogEntryId },
    },
    deploymentSettings: scheduleBody(startAt),
  };
}

function scheduleBody(startAt: number | null): Record<string, unknown> {
  return {
    "@odata.type": `${TYPE}.deploymentSettings`,
    schedule: { startDateTime: startAt === null ? null : new Date(startAt).toISOString() },
  };
}

function startOf({ deploymentSettings }: Approval): number | null {
  const start = deploymentSettings?.schedule?.startDateTime ?? null;
  return start === null ? null : Date.parse(start);
}

function isFor({ content }: Approval, { catalogEntryId }: DesiredApproval): boolean {
  return content.catalogEntry.id === catalogEntryId;
}

/** Approvals that the policy's own rule made are the rule's. */
function isWanted(approval: Approval, { rule, approvals }: DesiredUpdatePolicy): boolean {
  return rule !== null || approvals.some((wanted) => isFor(approval, wanted));
}

function approvalsPath(policyId: string): string {
  return `${one(policyId)}/complianceChanges`;
}

function oneApproval(policyId: string, id: string): string {
  return `${approvalsPath(policyId)}/${segment(id)}`;
}

function one(id: string): string {
  return `${POLICIES}/${segment(id)}`;
}
