import { clock } from "../../shared/clock.js";
import { graphClient } from "../../shared/graph/client.js";
import { listGroups } from "../../shared/groups/store.js";
import {
  changedPolicy,
  changedPolicyForm,
  checkForm,
  deletedPolicy,
  newPolicy,
  newPolicyForm,
  type PolicyForm,
} from "../../shared/quality-policies/changes.js";
import { insertQualityPolicy, listQualityPolicies } from "../../shared/quality-policies/store.js";
import { checkTargets } from "../../shared/quality-policies/targets.js";
import { policyView, policyViewSchema } from "../../shared/quality-policies/view.js";
import { refuseForeignTargets, visiblePolicies } from "../../shared/quality-policies/visible.js";
import { paged, pageOf } from "./paging.js";
import { accepted, change, note, POLICIES, POLICY, policyOf, shown } from "./quality-policy-calls.js";
import { type Call, json, route } from "./route.js";

const answer = { about: "The policy.", schema: policyViewSchema };

export const qualityPoliciesList = route({
  name: "qualityPoliciesList",
  method: "GET",
  path: POLICIES,
  role: "Reader",
  act: "list quality update policies",
  page: true,
  answer: { about: "Quality update policies in the order of their names.", schema: pageOf(policyViewSchema) },
  run: async (call) => {
    const policies = await visiblePolicies(call.actor, await listQualityPolicies());
    const views = policies.map((policy) => policyView(policy, clock.now()));
    return json(paged(call, views, ({ name, id }) => `${name.toLowerCase()} ${id}`));
  },
});

export const qualityPoliciesGet = route({
  name: "qualityPoliciesGet",
  method: "GET",
  path: POLICY,
  role: "Reader",
  act: "read a quality update policy",
  answer: { ...answer, etag: true },
  run: async (call) => shown(await policyOf(call)),
});

export const qualityPoliciesPost = route({
  name: "qualityPoliciesPost",
  method: "POST",
  path: POLICIES,
  role: "Administrator",
  act: "create a quality update policy",
  body: newPolicyForm,
  answer: { ...answer, status: 201 },
  run: async (call) => {
    const id = call.newId();
    await check(call, call.body, id);
    const policy = await insertQualityPolicy(newPolicy(id, call.body, call.actor, clock.now()));
    await note(call, "create", policy, { ...call.body });
    return accepted(call, policy, 201);
  },
});

export const qualityPoliciesPut = route({
  name: "qualityPoliciesPut",
  method: "PUT",
  path: POLICY,
  role: "Administrator",
  act: "change a quality update policy",
  body: changedPolicyForm,
  ifMatch: true,
  answer,
  run: async (call) => {
    const { id } = await policyOf(call);
    await check(call, call.body, id);
    const policy = await change(call, "change", (present) => changedPolicy(present, call.body, clock.now()));
    return accepted(call, policy);
  },
});

export const qualityPoliciesDelete = route({
  name: "qualityPoliciesDelete",
  method: "DELETE",
  path: POLICY,
  role: "Administrator",
  act: "delete a quality update policy",
  ifMatch: true,
  answer: { ...answer, status: 202, about: "The policy, taken from everybody; it goes a day later." },
  run: async (call) =>
    accepted(call, await change(call, "delete", (present) => deletedPolicy(present, clock.now())), 202),
});

async function check(call: Call<unknown>, form: PolicyForm, policyId: string): Promise<void> {
  const others = (await listQualityPolicies()).filter(({ id }) => id !== policyId);
  checkForm(form, others);
  await refuseForeignTargets(call.actor, form.assignments);
  await checkTargets(graphClient(), form.assignments, await listGroups());
}
