import {
  type BadCall,
  bad,
  forbidden,
  GROUP,
  type Ground,
  get,
  missing,
  post,
  put,
  remove,
  SCOPED,
  UNAUTHENTICATED,
} from "./bad-call.js";

/** Who calls proves nobody, whatever is asked for. */
export function strangers({ callers, releaseId }: Ground): BadCall[] {
  const nobody = (title: string, sent: ReturnType<typeof get>, headers: Record<string, string>) =>
    bad(title, sent, UNAUTHENTICATED, headers);
  return [
    ...["Basic YWRhOmFkYQ==", "Bearer", "Bearer a b", "Bearer a.b.c", "token"].map((authorization) =>
      nobody(`the header ${authorization}`, get("tenant"), { authorization }),
    ),
    nobody("an expired token", post(`releases/${releaseId}/cancel`), callers.bearer({ lifetimeSeconds: -120 })),
    nobody("a token for Graph", get("groups"), callers.bearer({ audience: "https://graph.microsoft.com" })),
    nobody("roles written by hand", put(GROUP, {}), callers.forged("payload", { roles: ["GlobalAdministrator"] })),
    nobody("a token without signature (alg none)", post("devices/discover"), callers.forged("none")),
    nobody("a token signed with HS256", post("devices/discover"), callers.forged("hmac")),
    nobody("a token signed with another key", post("tenant/unenrol", { confirm: true }), callers.forged("key")),
    nobody("a token of another issuer", get("audit"), callers.forged("key", { iss: "https://example.org/v2.0" })),
    nobody("a session of another tenant", get("releases"), callers.session(["Administrator"], SCOPED)),
    nobody("a session that cannot be read", get("releases"), { "x-ms-client-principal": "%%%" }),
  ];
}

/** Who calls is known, and may not. */
export function unentitled({ callers, releaseId, deviceId, csrf }: Ground): BadCall[] {
  const release = `releases/${releaseId}`;
  const refused = (role: string, sent: ReturnType<typeof get>) =>
    bad(`${role}: ${sent.method} ${sent.path.replace(releaseId, "…")}`, sent, forbidden(), callers.role(role));
  const session = callers.session(["Administrator"]);
  const scoped = callers.bearer({ oid: SCOPED });
  return [
    bad("a person without any role", get("releases"), forbidden(), callers.role()),
    refused("Mail.Send", get("groups")),
    refused("Reader", post(`${release}/pause`)),
    refused("Reader", post(`${release}/rings/Test/rollback`)),
    refused("Reader", post(`${release}/holds/00000000/release`, { justification: "x" })),
    refused("Reader", remove(`${release}/monitoring-rule`)),
    refused("Reader", post("catalogue/sync")),
    refused("Reader", post("policy-health/check")),
    refused("Reader", post("what-if", { groupId: "workforce" })),
    refused("Reader", post("tenant/check")),
    refused("Operator", post("approvals/any/answer", { answer: "keep" })),
    refused("Approver", post("groups", { definition: {} })),
    refused("Approver", put(GROUP, { definition: {} })),
    refused("Approver", remove(GROUP)),
    refused("Approver", post("devices/exclude", { deviceIds: [deviceId] })),
    refused("Approver", put(`roles/assignments/${SCOPED}`, { role: "Reader" })),
    refused("Approver", post("tenant/contacts")),
    refused("Approver", post("policy-alerts/any/restore")),
    refused("WindowsAutopatchAdministrator", post("policy-alerts/any/restore")),
    refused("WindowsAutopatchAdministrator", put(`roles/assignments/${SCOPED}`, { role: "GlobalAdministrator" })),
    refused("PolicyAndProfileManager", get("groups")),
    bad("a session without CSRF token", post(`${release}/pause`), forbidden("x-csrf-token"), session),
    bad("a session with a wrong CSRF token", post(`${release}/pause`), forbidden("x-csrf-token"), {
      ...session,
      "x-csrf-token": `${csrf.slice(0, -2)}__`,
    }),
    bad("a release out of scope", post(`${release}/pause`), missing("releaseId"), scoped),
    bad("a device out of scope", post("devices/exclude", { deviceIds: [deviceId] }), missing("deviceIds"), scoped),
    bad("the tenant for a scoped admin", post("tenant/unenrol", { confirm: true }), forbidden(), scoped),
  ];
}
