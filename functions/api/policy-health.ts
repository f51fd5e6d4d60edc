import { z } from "zod";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { listGroups } from "../../shared/groups/store.js";
import { closedAlerts, openAlerts, type PolicyAlert, readAlert, unknownAlert } from "../../shared/policies/alerts.js";
import { AlertKind } from "../../shared/policies/findings.js";
import { checkRemedy, Remedy } from "../../shared/policies/repair.js";
import { alertView, healthView } from "../../shared/policies/view.js";
import { alertViewSchema, healthSchema } from "../../shared/policies/view-schema.js";
import { startOnce } from "../../workflows/client.js";
import { POLICY_HEALTH, POLICY_REPAIR } from "../../workflows/names.js";
import { startedSchema } from "./common-schemas.js";
import { refuseOtherBody } from "./etag.js";
import { paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

export const policyHealthGet = route({
  name: "policyHealthGet",
  method: "GET",
  path: "policy-health",
  role: "Reader",
  act: "read the health of policies",
  answer: { about: "Health of the policies of every ring.", schema: healthSchema },
  run: async ({ actor }) => {
    const [groups, alerts] = await Promise.all([listGroups(), openAlerts()]);
    const owned = groups.map((group) => ({ groupId: group.id, group }));
    const visible = await withinScope(actor, owned);
    return json(
      healthView(
        visible.map(({ group }) => group),
        alerts,
      ),
    );
  },
});

export const policyHealthCheck = route({
  name: "policyHealthCheck",
  method: "POST",
  path: "policy-health/check",
  role: "Operator",
  act: "check the health of policies",
  answer: { status: 202, about: "The check has begun.", schema: startedSchema },
  run: async ({ client }) => {
    await startOnce(client, POLICY_HEALTH, "policy-health-now", {});
    return json({ started: POLICY_HEALTH }, 202);
  },
});

const alertQuery = z.object({
  status: z.enum(["open", "closed", "all"]).default("open").describe("Those that are open, over, or both."),
});

export const policyAlertsList = route({
  name: "policyAlertsList",
  method: "GET",
  path: "policy-alerts",
  role: "Reader",
  act: "list policy alerts",
  query: alertQuery,
  page: true,
  answer: { about: "Alerts, the open ones first.", schema: pageOf(alertViewSchema) },
  run: async (call) => {
    const { status } = call.asked;
    const open = status === "closed" ? [] : await openAlerts();
    const closed = status === "open" ? [] : await closedAlerts();
    const alerts = [...open, ...closed].map((alert) => ({ groupId: alert.groupId ?? "", alert }));
    const visible = (await withinScope(call.actor, alerts)).map(({ alert }) => alertView(alert));
    return json(paged(call, visible, (alert) => `${alert.closed?.at ?? ""} ${alert.id}`));
  },
});

export const policyAlertsGet = route({
  name: "policyAlertsGet",
  method: "GET",
  path: "policy-alerts/{alertId}",
  role: "Reader",
  act: "read a policy alert",
  answer: { about: "The alert.", schema: alertViewSchema, etag: true },
  run: async (call) => json(alertView(await visibleAlert(call))),
});

/** An alert about a group that the actor may not see does not exist for him. Throws `not_found`. */
async function visibleAlert(call: Pick<Call<unknown>, "params" | "actor">): Promise<PolicyAlert> {
  const alert = await readAlert(param(call, "alertId"));
  const [visible] = await withinScope(call.actor, [{ groupId: alert.groupId ?? "", alert }]);
  if (visible !== undefined) return visible.alert;
  throw unknownAlert(alert.id);
}

const repairBody = z.strictObject({ justification: z.string().max(1000).optional() });

export const policyAlertsRestore = route({
  name: "policyAlertsRestore",
  method: "POST",
  path: "policy-alerts/{alertId}/restore",
  role: "Administrator",
  act: "restore a missing policy",
  body: repairBody,
  ifMatch: true,
  answer: { status: 202, about: "The alert; it closes once the tenant shows the policy.", schema: alertViewSchema },
  run: (call) => order(call, Remedy.restore),
});

export const policyAlertsSubmitChanges = route({
  name: "policyAlertsSubmitChanges",
  method: "POST",
  path: "policy-alerts/{alertId}/submit-changes",
  role: "Administrator",
  act: "set a modified policy right",
  body: repairBody,
  ifMatch: true,
  answer: { status: 202, about: "The alert; it closes once the tenant shows the values.", schema: alertViewSchema },
  run: (call) => order(call, Remedy.submitChanges),
});

/** Has the service repair what the alert is about; the alert closes once the tenant shows it. */
async function order(call: Call<z.infer<typeof repairBody>>, remedy: Remedy) {
  const alert = await visibleAlert(call);
  refuseOtherBody(call, alertView(alert));
  checkRemedy(alert, remedy);
  const { actor, client, body } = call;
  const at = clock.now();
  const entry = { at, actor, action: `policyAlert.${remedy}`, target: `policy-alert/${alert.id}` };
  const evidence = { kind: alert.kind, name: alert.name };
  await audit({ ...entry, key: alert.id, justification: body.justification, evidence });
  // Missing directory groups are made again with whatever else the check finds.
  if (alert.kind === AlertKind.missingGroup) await startOnce(client, POLICY_HEALTH, "policy-health-now", {});
  else {
    const input = { alertId: alert.id, requestedBy: actor.name };
    await startOnce(client, POLICY_REPAIR, `policy-repair:${alert.id}`, input);
  }
  return json(alertView(alert), 202);
}
