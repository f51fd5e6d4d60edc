import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ROLES } from "../../../../../infra/local/tenant/graph/permissions.js";
import { errorOf, TestTenant } from "./support.js";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
  test.tenant.addUsers([
    { displayName: "Updates", userPrincipalName: "updates@contoso.example", accountEnabled: true },
  ]);
});
afterAll(() => test.discard());

const to = (...addresses: readonly string[]) => addresses.map((address) => ({ emailAddress: { address } }));
const mail = (toRecipients: object = to("ada@contoso.example")) => ({
  message: { subject: "Paused", body: { contentType: "HTML", content: "<p>Paused</p>" }, toRecipients },
});
const send = (sender: string, body: object) => test.post(`/v1.0/users/${sender}/sendMail`, body);

describe("sendMail", () => {
  it("takes a mail with 202 and nothing else, twice the same twice", async () => {
    const answer = await send("updates@contoso.example", mail());
    expect([answer.status, answer.text]).toEqual([202, ""]);
    await send("Updates@contoso.example", mail(to("ada@contoso.example", "grace@contoso.example")));
    const common = { at: "2024-06-11T12:00:00Z", from: "updates@contoso.example", cc: [], subject: "Paused" };
    expect(test.tenant.mails).toMatchObject([
      { ...common, to: ["ada@contoso.example"], contentType: "html", content: "<p>Paused</p>" },
      { ...common, to: ["ada@contoso.example", "grace@contoso.example"] },
    ]);
  });

  it("refuses an unknown sender, nobody to send to, and an address that is none", async () => {
    const unknown = await send("nobody@contoso.example", mail());
    expect([unknown.status, errorOf(unknown).code]).toEqual([404, "ErrorInvalidUser"]);
    expect((await send("updates@contoso.example", mail([]))).status).toBe(400);
    expect((await send("updates@contoso.example", mail(to("ada")))).status).toBe(400);
    expect(test.tenant.mails).toHaveLength(2);
  });

  it("needs the permission Mail.Send", async () => {
    test.tenant.authority.grant(DEFAULT_ROLES.filter((role) => role !== "Mail.Send"));
    await test.signIn();
    expect((await send("updates@contoso.example", mail())).status).toBe(403);
    test.tenant.authority.grant(DEFAULT_ROLES);
    await test.signIn();
  });
});
