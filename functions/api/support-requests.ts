import { z } from "zod";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { tenantManagementGraph } from "../../shared/graph/client.js";
import { requireEntitled } from "../../shared/support/entitled.js";
import {
  type Act,
  acted,
  actForm,
  commentForm,
  opened,
  requestForm,
  type SupportRequest,
  SupportStatus,
  statusAt,
} from "../../shared/support/request.js";
import { checkSeverity } from "../../shared/support/severity.js";
import { changeRequest, insertRequest, listRequests, readRequest } from "../../shared/support/store.js";
import { requestView, requestViewSchema } from "../../shared/support/view.js";
import { requireEnrolled } from "../../shared/tenant/state.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { note } from "./note.js";
import { paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";

const REQUESTS = "support-requests";
const REQUEST = `${REQUESTS}/{requestId}`;
const answer = { about: "The support request", schema: requestViewSchema };

const requestsQuery = z.strictObject({
  status: z.enum(SupportStatus).optional(),
});

export const supportRequestsList = route({
  name: "supportRequestsList",
  method: "GET",
  path: REQUESTS,
  role: "Reader",
  act: "list support requests",
  query: requestsQuery,
  page: true,
  answer: { about: "Support requests, oldest first.", schema: pageOf(requestViewSchema) },
  run: async (call) => {
    const { status } = call.asked;
    const now = clock.now();
    const requests = (await listRequests()).filter(
      (request) => status === undefined || statusAt(request, now) === status,
    );
    const views = requests.map((request) => requestView(request, now));
    return json(paged(call, views, ({ openedAt, id }) => `${openedAt} ${id}`));
  },
});

export const supportRequestsGet = route({
  name: "supportRequestsGet",
  method: "GET",
  path: REQUEST,
  role: "Reader",
  act: "read a support request",
  answer: { ...answer, etag: true },
  run: async (call) => {
    const request = await readRequest(param(call, "requestId"));
    return versioned(json(requestView(request, clock.now())), versionOf(request, clock.now()));
  },
});

// Support is usable while the tenant is Inactive (autopatch.md §4.7).
export const supportRequestsOpen = route({
  name: "supportRequestsOpen",
  method: "POST",
  path: REQUESTS,
  role: "Operator",
  act: "open a support request",
  tenant: "any",
  body: requestForm,
  answer: { ...answer, status: 201 },
  run: async ({ actor, body, newId }) => {
    await requireEnrolled();
    checkSeverity(body.severity);
    await requireEntitled(tenantManagementGraph());
    const at = clock.now();
    const request = await insertRequest(opened(newId(), body, { at, by: { id: actor.id, name: actor.name } }));
    const { id, severity, issueType } = request;
    const target = `support-request/${id}`;
    await audit({ at, actor, action: "support.open", target, key: id, evidence: { severity, issueType } });
    return json(requestView(request, at), 201);
  },
});

export const supportRequestsComment = route({
  name: "supportRequestsComment",
  method: "POST",
  path: `${REQUEST}/comments`,
  role: "Operator",
  act: "comment on a support request",
  tenant: "any",
  body: commentForm,
  ifMatch: true,
  answer: { ...answer, status: 201 },
  run: async (call) => json(await carryOut(call, "comment"), 201),
});

/** Offers a change of the state of a request. */
function offer<const A extends "mitigate" | "reactivate" | "close">(name: string, act: A) {
  return route({
    name,
    method: "POST",
    path: `${REQUEST}/${act}`,
    role: "Operator",
    act: `${act} a support request`,
    tenant: "any",
    body: actForm,
    ifMatch: true,
    answer,
    run: async (call) => json(await carryOut(call, act)),
  });
}

export const supportRequestsMitigate = offer("supportRequestsMitigate", "mitigate");
export const supportRequestsReactivate = offer("supportRequestsReactivate", "reactivate");
export const supportRequestsClose = offer("supportRequestsClose", "close");

/** A request grows with every act, and is closed by itself. */
function versionOf(request: SupportRequest, now: number): unknown {
  return { status: statusAt(request, now), entries: request.history.length };
}

/** What was said stays in the request, which is deleted one day; the audit log is not. */
async function carryOut(call: Call<{ readonly text?: string | undefined }>, act: Exclude<Act, "open">) {
  await requireEnrolled();
  const { actor, body } = call;
  const [at, id] = [clock.now(), param(call, "requestId")];
  const entry = { at, by: { id: actor.id, name: actor.name }, text: body.text ?? null };
  const request = await changeRequest(id, (before) => {
    refuseOtherVersion(call, versionOf(before, at));
    return acted(before, act, entry);
  });
  await note(actor, `support.${act}`, `support-request/${id}`, { at });
  return requestView(request, at);
}
