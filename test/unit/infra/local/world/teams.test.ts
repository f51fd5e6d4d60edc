import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { teamsSettings } from "../../../../../infra/local/world/teams.js";
import { TestTenant } from "../tenant/support.js";
import { TestTeam } from "../tenant/teams/support.js";

let team: TestTeam;
beforeAll(async () => {
  team = await TestTeam.start();
});
afterAll(() => team.discard());

describe("settings that connect the app to the tenant's Teams", () => {
  it("name the bot, where Teams is, and the approver", () => {
    const { tenant } = team.test;
    expect(teamsSettings(tenant, 7071)).toMatchObject({
      BOT_APP_ID: team.teams.bot.appId,
      BOT_TENANT_ID: tenant.credentials.tenantId,
      BOT_AUTHORITY: tenant.authorityUrl,
      TEAMS_SERVICE_URL: `${tenant.authorityUrl}/teams/`,
      TEAMS_CHANNEL_ID: team.teams.channelId,
      TEAMS_APPROVERS: team.person("Approver").oid,
      MAIL_SENDER: "updates@contoso.example",
      CONSOLE_URL: "http://127.0.0.1:7071/",
    });
  });

  it("are none where there is no Teams", async () => {
    const plain = await TestTenant.start();
    expect(teamsSettings(plain.tenant, 7071)).toEqual({});
    await plain.discard();
  });
});
