import {
  type BadCall,
  bad,
  conflict,
  GROUP,
  type Ground,
  get,
  invalid,
  missing,
  post,
  put,
  remove,
  SCOPED,
  STALE,
} from "./bad-call.js";

const rule = (threshold: number) => ({ signal: "rollback", threshold, action: "alertError" });
const METHOD = { status: 405, code: "method_not_allowed" };
const TYPE = { status: 415, code: "unsupported_media_type" };

/** Something in the call is wrong. */
export function malformed({ callers, releaseId, continuation }: Ground): BadCall[] {
  const release = `releases/${releaseId}`;
  const candidates = [1, 2, 3, 4, 5].map((n) => ({ name: `${n}` }));
  const enrolment = { termsVersion: "1", acceptTerms: false, consent: true, contacts: [] };
  const text = (content: string, type = "application/json") => ({ ...post(`${release}/pause`), text: content, type });
  return [
    bad("a body that is no JSON", text("{"), invalid()),
    bad("a body that is a list", post(`${release}/pause`, []), invalid()),
    bad("an unknown field", post(`${release}/pause`, { reason: "?" }), invalid("reason")),
    bad("an unknown field of a rule", put(`${release}/monitoring-rule`, { ...rule(5), by: 1 }), invalid("by")),
    bad("a bad enum", post(`${release}/resume`, { lifts: "all" }), invalid("lifts")),
    bad("a number out of range", put(`${release}/monitoring-rule`, rule(101)), invalid("threshold")),
    bad("an empty list", post("devices/assign-ring", { deviceIds: [], ring: "Test" }), invalid("deviceIds")),
    bad("a role that there is not", put(`roles/assignments/${SCOPED}`, { role: "Owner" }), invalid("role")),
    bad("an id that is none", put("roles/assignments/ada", { role: "Reader" }), invalid("oid")),
    bad("a group id with capitals", put("groups/Sales", { definition: {} }), invalid()),
    bad("a contact without an address", post("tenant/contacts", { name: "Ada" }), invalid("email")),
    bad("terms that are not accepted", post("tenant/enrol", enrolment), invalid("acceptTerms")),
    bad("too many candidates", post("what-if", { groupId: "workforce", candidates }), invalid("candidates")),
    bad("another content type", text("{}", "text/plain"), TYPE),
    bad("a form", text("confirm=true", "application/x-www-form-urlencoded"), TYPE),
    bad("a body that is too large", text(`{"justification":"${"x".repeat(300_000)}"}`), {
      status: 413,
      code: "too_large",
    }),
    bad("an unknown query parameter", get("devices?limit=10"), invalid("limit")),
    bad("an unknown query parameter of a change", post(`${release}/pause?force=true`), invalid("force")),
    bad("a bad query parameter", get("devices?state=Lost"), invalid("state")),
    bad("a month that is none", get("audit?month=2024-13"), invalid("month")),
    bad("a missing query parameter", get(`${GROUP}/schedule`), invalid("month")),
    bad("pages that are too large", get("devices?top=1001"), invalid("top")),
    bad("a changed continuation", get(`devices?top=2&continuation=A${continuation.slice(1)}`), invalid("continuation")),
    bad("a continuation of another list", get(`groups?continuation=${continuation}`), invalid("continuation")),
    bad("one of other parameters", get(`devices?ring=Test&continuation=${continuation}`), invalid("continuation")),
    bad("an idempotency key with blanks", post("catalogue/sync"), invalid("Idempotency-Key"), {
      ...callers.bearer({}),
      "idempotency-key": "a b",
    }),
  ];
}

/** It does not fit what there is. */
export function unfitting({ callers, releaseId, contactId }: Ground): BadCall[] {
  const release = `releases/${releaseId}`;
  const administrator = callers.bearer({});
  const once = { ...administrator, "idempotency-key": "once" };
  const stale = (sent: ReturnType<typeof get>) =>
    bad(`a stale ETag: ${sent.method} ${sent.path.replace(releaseId, "…")}`, sent, STALE, {
      ...administrator,
      "if-match": '"of-yesterday"',
    });
  return [
    bad("a key of another call", post("policy-health/check"), conflict("Idempotency-Key"), once),
    bad("a key of another body", post("catalogue/sync", { now: true }), conflict("Idempotency-Key"), once),
    stale(post(`${release}/pause`)),
    stale(put(`${release}/monitoring-rule`, rule(5))),
    stale(remove(`tenant/contacts/${contactId}`)),
    stale(remove(`roles/assignments/${SCOPED}`)),
    stale(put(`roles/assignments/${SCOPED}`, { role: "Reader" })),
    stale(post(`${GROUP}/rename`, { name: "Staff" })),
    stale(post("tenant/unenrol", { confirm: true })),
    bad("a path that there is not", get("gizmos"), missing()),
    bad("a deeper path that there is not", post("groups/workforce/explode"), missing()),
    bad("a wrong method", { method: "PATCH", path: GROUP, body: {} }, METHOD),
    bad("a wrong method for a command", get(`${release}/pause`), METHOD),
    bad("a release that there is not", post("releases/none/pause"), missing("releaseId")),
    bad("a ring that there is not", get(`${release}/rings/Ring9`), missing("ring")),
    bad("no such hold", post(`${release}/holds/00000000/release`, { justification: "x" }), missing("holdId")),
    bad("no such approval", post("approvals/none/answer", { answer: "keep" }), missing("approvalId")),
    bad("a group that there is not", post("groups/none/rename", { name: "Sales" }), missing("groupId")),
    bad("a contact that there is not", get("tenant/contacts/none"), missing("contactId")),
    bad("a release that is not paused", post(`${release}/resume`), conflict()),
  ];
}
