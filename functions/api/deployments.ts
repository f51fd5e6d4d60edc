import { z } from "zod";
import { clock } from "../../shared/clock.js";
import { CAPABILITIES } from "../../shared/deployments/capabilities.js";
import { changeDevices } from "../../shared/deployments/change-audience.js";
import {
  addRule,
  type Because,
  changeRule,
  changeSettings,
  end,
  pause,
  removeRule,
  resume,
} from "../../shared/deployments/commands.js";
import { createDeployment } from "../../shared/deployments/create.js";
import type { Deployment } from "../../shared/deployments/deployment.js";
import { audienceForm, deploymentForm, reasonForm, ruleForm, settingsForm } from "../../shared/deployments/form.js";
import { EffectiveValue } from "../../shared/deployments/state.js";
import { list, read, readAudience, readOutcomes } from "../../shared/deployments/store.js";
import { capabilitiesView, contentView, contentViewOf, deploymentView, viewOf } from "../../shared/deployments/view.js";
import { graphClient } from "../../shared/graph/client.js";
import { Category, listContent } from "../../shared/graph/deployments/content.js";
import { carryOut, decide as decideAbout, deciding, mine, visibleTo } from "./deployment-calls.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { listOf, newestFirst, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const DEPLOYMENTS = "deployments";
const DEPLOYMENT = `${DEPLOYMENTS}/{deploymentId}`;
const RULE = `${DEPLOYMENT}/monitoring-rule`;
const answer = { about: "The deployment, on its way to the tenant.", schema: deploymentView, status: 202 };

export const deploymentsCapabilities = route({
  name: "deploymentsCapabilities",
  method: "GET",
  path: `${DEPLOYMENTS}/capabilities`,
  role: "Reader",
  act: "read what deployments can do",
  answer: {
    about: "What can be decided about updates of each category.",
    schema: capabilitiesView,
  },
  run: async () => json(CAPABILITIES),
});

export const deploymentsContent = route({
  name: "deploymentsContent",
  method: "GET",
  path: `${DEPLOYMENTS}/content`,
  role: "Reader",
  act: "list what can be deployed",
  query: z.strictObject({ category: z.enum([Category.feature, Category.quality]).optional() }),
  answer: {
    about:
      "Feature updates and quality updates that can be expedited, the newest first; drivers are found by a policy.",
    schema: listOf(contentView),
  },
  run: async ({ asked: { category } }) => {
    const content = await listContent(graphClient());
    return json({ value: content.filter((each) => (category ?? each.category) === each.category).map(contentViewOf) });
  },
});

const listQuery = z.strictObject({
  category: z.enum(Category).optional(),
  state: z.enum(EffectiveValue).optional(),
});

export const deploymentsList = route({
  name: "deploymentsList",
  method: "GET",
  path: DEPLOYMENTS,
  role: "Reader",
  act: "list deployments",
  query: listQuery,
  page: true,
  answer: { about: "Deployments, the newest first; those that ended stay.", schema: pageOf(deploymentView) },
  run: async (call) => {
    const { category, state } = call.asked;
    const now = clock.now();
    const views = (await visibleTo(call.actor, await list("deployment"))).map((each) => viewOf(each, now));
    const wanted = views.filter(
      (view) =>
        (category ?? view.category) === view.category &&
        (state ?? view.state.effectiveValue) === view.state.effectiveValue,
    );
    return json(paged(call, wanted, ({ createdAt, id }) => `${newestFirst(createdAt)} ${id}`));
  },
});

export const deploymentsGet = route({
  name: "deploymentsGet",
  method: "GET",
  path: DEPLOYMENT,
  role: "Reader",
  act: "read a deployment",
  answer: { about: "The deployment.", schema: deploymentView, etag: true },
  run: async (call) => shown(await found(call), 200),
});

export const deploymentsCreate = route({
  name: "deploymentsCreate",
  method: "POST",
  path: DEPLOYMENTS,
  role: "Administrator",
  act: "deploy an update",
  body: deploymentForm,
  answer,
  run: async (call) => {
    const deployment = await createDeployment(
      graphClient(),
      call.newId(),
      call.body,
      await deciding(call, "deployment.create"),
    );
    return accepted(call, deployment);
  },
});

export const deploymentsChange = route({
  name: "deploymentsChange",
  method: "PATCH",
  path: DEPLOYMENT,
  role: "Administrator",
  act: "change a deployment",
  body: settingsForm,
  ifMatch: true,
  answer,
  run: (call) => decide(call, "change", (deployment) => changeSettings(deployment, call.body, clock.now())),
});

export const deploymentsPause = route({
  name: "deploymentsPause",
  method: "POST",
  path: `${DEPLOYMENT}/pause`,
  role: "Operator",
  act: "pause a deployment",
  body: reasonForm,
  ifMatch: true,
  answer,
  run: (call) => decide(call, "pause", (deployment) => pause(deployment, because(call))),
});

export const deploymentsResume = route({
  name: "deploymentsResume",
  method: "POST",
  path: `${DEPLOYMENT}/resume`,
  role: "Operator",
  act: "resume a deployment",
  body: reasonForm,
  ifMatch: true,
  answer,
  run: (call) => decide(call, "resume", (deployment) => resume(deployment, clock.now())),
});

export const deploymentsEnd = route({
  name: "deploymentsEnd",
  method: "DELETE",
  path: DEPLOYMENT,
  role: "Administrator",
  act: "end a deployment",
  ifMatch: true,
  answer: { ...answer, about: "The deployment, whose parts in the tenant are taken away; it stays as history." },
  run: (call) => decide(call, "end", end),
});

export const deploymentsAddRule = route({
  name: "deploymentsAddRule",
  method: "POST",
  path: RULE,
  role: "Operator",
  act: "add a monitoring rule",
  body: ruleForm,
  ifMatch: true,
  answer,
  run: (call) => decide(call, "addRule", (deployment) => addRule(deployment, call.body, clock.now())),
});

export const deploymentsChangeRule = route({
  name: "deploymentsChangeRule",
  method: "PUT",
  path: RULE,
  role: "Operator",
  act: "change a monitoring rule",
  body: ruleForm,
  ifMatch: true,
  answer,
  run: (call) => decide(call, "changeRule", (deployment) => changeRule(deployment, call.body, clock.now())),
});

export const deploymentsRemoveRule = route({
  name: "deploymentsRemoveRule",
  method: "DELETE",
  path: RULE,
  role: "Operator",
  act: "remove a monitoring rule",
  ifMatch: true,
  answer,
  run: (call) => decide(call, "removeRule", (deployment) => removeRule(deployment, clock.now())),
});

export const deploymentsAudience = route({
  name: "deploymentsAudience",
  method: "POST",
  path: `${DEPLOYMENT}/audience`,
  role: "Administrator",
  act: "change the devices of a deployment",
  body: audienceForm,
  ifMatch: true,
  answer,
  run: async (call) => {
    const { id } = await found(call);
    const unchanged = (present: { readonly revision: number }) => refuseOtherVersion(call, present.revision);
    const options = { ...(await deciding(call, "deployment.changeAudience")), unchanged };
    return accepted(call, await changeDevices(graphClient(), id, call.body, options));
  },
});

const deviceSchema = z.object({
  deviceId: z.string(),
  excluded: z.boolean(),
  outcome: z
    .enum(["installed", "rolledBack"])
    .nullable()
    .describe("As a rollback rule measured it; null: nothing yet."),
});

export const deploymentsDevices = route({
  name: "deploymentsDevices",
  method: "GET",
  path: `${DEPLOYMENT}/devices`,
  role: "Reader",
  act: "list the devices of a deployment",
  page: true,
  answer: { about: "Its devices, those that are excluded among them.", schema: pageOf(deviceSchema) },
  run: async (call) => {
    const { id } = await found(call);
    const { members, exclusions } = await readAudience("deployment", id);
    const { installed, rolledBack } = await readOutcomes(id);
    const [excluded, has, lost] = [new Set(exclusions), new Set(installed), new Set(rolledBack)];
    const outcomeOf = (device: string) =>
      has.has(device) ? ("installed" as const) : lost.has(device) ? ("rolledBack" as const) : null;
    const devices = [...new Set([...members, ...exclusions])].map((deviceId) => ({
      ...{ deviceId, excluded: excluded.has(deviceId), outcome: outcomeOf(deviceId) },
    }));
    return json(paged(call, devices, ({ deviceId }) => deviceId));
  },
});

async function decide(
  call: Call<unknown>,
  act: string,
  how: (deployment: Deployment) => Deployment,
): ReturnType<typeof accepted> {
  return accepted(call, await decideAbout(call, { kind: "deployment", act }, await found(call), how));
}

/** The decision is kept, and brought to the tenant. */
async function accepted(call: Call<unknown>, deployment: Deployment) {
  await carryOut(call, deployment);
  return shown(deployment, 202);
}

function shown(deployment: Deployment, status: number) {
  // What the service measures and reads moves by itself.
  const reply = versioned(json(viewOf(deployment, clock.now()), status), deployment.revision);
  return { ...reply, headers: { ...reply.headers, location: `/api/v1/${DEPLOYMENTS}/${deployment.id}` } };
}

/** The deployment that the path names. Throws `not_found`, also where a device of it is not the caller's to see. */
async function found(call: Pick<Call<unknown>, "actor" | "params">): Promise<Deployment> {
  return mine(call.actor, (await read("deployment", param(call, "deploymentId"))).body);
}

function because({ actor, body }: Call<{ readonly justification?: string | undefined }>): Because {
  return { by: actor, at: clock.now(), justification: body.justification ?? null };
}
