import { clock } from "../../shared/clock.js";
import { applicableTo, applicableView } from "../../shared/deployments/applicable.js";
import { approve, revoke } from "../../shared/deployments/approvals.js";
import { changePolicyDevices } from "../../shared/deployments/change-audience.js";
import { end } from "../../shared/deployments/commands.js";
import { approvedContent, createPolicy } from "../../shared/deployments/create.js";
import type { UpdatePolicy } from "../../shared/deployments/deployment.js";
import { approvalForm, audienceForm, policyForm } from "../../shared/deployments/form.js";
import { list, read } from "../../shared/deployments/store.js";
import { policyView, policyViewOf } from "../../shared/deployments/view.js";
import { graphClient } from "../../shared/graph/client.js";
import { carryOut, decide as decideAbout, deciding, mine, visibleTo } from "./deployment-calls.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { listOf, newestFirst, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const POLICIES = "update-policies";
const POLICY = `${POLICIES}/{policyId}`;
const answer = { about: "The policy, on its way to the tenant.", schema: policyView, status: 202 };

export const updatePoliciesList = route({
  name: "updatePoliciesList",
  method: "GET",
  path: POLICIES,
  role: "Reader",
  act: "list update policies",
  page: true,
  answer: { about: "Update policies of chosen devices, the newest first.", schema: pageOf(policyView) },
  run: async (call) => {
    const policies = (await visibleTo(call.actor, await list("policy"))).map(policyViewOf);
    return json(paged(call, policies, ({ createdAt, id }) => `${newestFirst(createdAt)} ${id}`));
  },
});

export const updatePoliciesGet = route({
  name: "updatePoliciesGet",
  method: "GET",
  path: POLICY,
  role: "Reader",
  act: "read an update policy",
  answer: { about: "The policy.", schema: policyView, etag: true },
  run: async (call) => shown(await found(call), 200),
});

export const updatePoliciesCreate = route({
  name: "updatePoliciesCreate",
  method: "POST",
  path: POLICIES,
  role: "Administrator",
  act: "make an update policy",
  body: policyForm,
  answer,
  run: async (call) => {
    const policy = await createPolicy(
      graphClient(),
      call.newId(),
      call.body,
      await deciding(call, "updatePolicy.create"),
    );
    return accepted(call, policy);
  },
});

export const updatePoliciesEnd = route({
  name: "updatePoliciesEnd",
  method: "DELETE",
  path: POLICY,
  role: "Administrator",
  act: "end an update policy",
  ifMatch: true,
  answer: { ...answer, about: "The policy, whose parts in the tenant are taken away; it stays as history." },
  run: (call) => decide(call, "end", end),
});

export const updatePoliciesAudience = route({
  name: "updatePoliciesAudience",
  method: "POST",
  path: `${POLICY}/audience`,
  role: "Administrator",
  act: "change the devices of an update policy",
  body: audienceForm,
  ifMatch: true,
  answer,
  run: async (call) => {
    const { id } = await found(call);
    const unchanged = (present: { readonly revision: number }) => refuseOtherVersion(call, present.revision);
    const options = { ...(await deciding(call, "updatePolicy.changeAudience")), unchanged };
    return accepted(call, await changePolicyDevices(graphClient(), id, call.body, options));
  },
});

export const updatePoliciesContent = route({
  name: "updatePoliciesContent",
  method: "GET",
  path: `${POLICY}/content`,
  role: "Reader",
  act: "list what devices of an update policy need",
  answer: { about: "Drivers that its devices need, once they have scanned.", schema: listOf(applicableView) },
  run: async (call) => json({ value: await applicableTo(graphClient(), await found(call)) }),
});

export const updatePoliciesApprove = route({
  name: "updatePoliciesApprove",
  method: "POST",
  path: `${POLICY}/approvals`,
  role: "Approver",
  act: "approve an update in a policy",
  body: approvalForm,
  ifMatch: true,
  answer,
  run: async (call) => {
    const { actor, body } = call;
    const because = { by: actor, at: clock.now(), justification: body.justification ?? null };
    const content = await approvedContent(graphClient(), (await found(call)).id, body, because.at);
    return decide(call, "approve", (policy) => approve(policy, content, body.startAt ?? null, because));
  },
});

export const updatePoliciesRevoke = route({
  name: "updatePoliciesRevoke",
  method: "DELETE",
  path: `${POLICY}/approvals/{catalogEntryId}`,
  role: "Approver",
  act: "revoke an approval",
  ifMatch: true,
  answer,
  run: (call) => decide(call, "revoke", (policy) => revoke(policy, param(call, "catalogEntryId"))),
});

async function decide(
  call: Call<unknown>,
  act: string,
  how: (policy: UpdatePolicy) => UpdatePolicy,
): ReturnType<typeof accepted> {
  return accepted(call, await decideAbout(call, { kind: "policy", act }, await found(call), how));
}

/** The decision is kept, and brought to the tenant. */
async function accepted(call: Call<unknown>, policy: UpdatePolicy) {
  await carryOut(call, policy);
  return shown(policy, 202);
}

function shown(policy: UpdatePolicy, status: number) {
  const reply = versioned(json(policyViewOf(policy), status), policy.revision);
  return { ...reply, headers: { ...reply.headers, location: `/api/v1/${POLICIES}/${policy.id}` } };
}

async function found(call: Pick<Call<unknown>, "actor" | "params">): Promise<UpdatePolicy> {
  return mine(call.actor, (await read("policy", param(call, "policyId"))).body);
}
