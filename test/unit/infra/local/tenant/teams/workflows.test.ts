import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { card, message, TestTeam } from "./support.js";

let team: TestTeam;
beforeEach(async () => {
  team = await TestTeam.start();
});
afterEach(() => team.discard());

const post = (address: string, body: unknown) =>
  team.test.send("POST", address, JSON.stringify(body), { "content-type": "application/json" });

describe("the Workflows webhook", () => {
  it("posts a card to the channel and answers 202", async () => {
    expect((await post(team.teams.workflowUrl, message(card("Paused")))).status).toBe(202);
    expect(team.channel()).toMatchObject([{ from: { kind: "workflow" }, card: { body: [{ text: "Paused" }] } }]);
  });

  it("refuses a wrong signature, another flow and what is no message", async () => {
    const url = new URL(team.teams.workflowUrl);
    const unsigned = url.origin + url.pathname;
    expect((await post(unsigned, message())).status).toBe(401);
    expect((await post(`${unsigned}?sig=wrong`, message())).status).toBe(401);
    expect((await post(`${unsigned}0${url.search}`, message())).status).toBe(404);
    expect((await post(team.teams.workflowUrl, { text: "MessageCard" })).status).toBe(400);
    expect((await post(team.teams.workflowUrl, message(card("x".repeat(28_700))))).status).toBe(413);
    expect(team.channel()).toEqual([]);
  });

  it("takes four requests a second where limits are on", async () => {
    team.test.tenant.faults.set({ teamsLimits: true });
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await post(team.teams.workflowUrl, message())).status),
    );
    expect(statuses).toContain(202);
    expect(statuses).toContain(429);
  });
});
