import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../shared/audit/audit.js";
import { DAY_MS, HOUR_MS } from "../../shared/calendar/days.js";
import { type Browser, hasBrowser, type Locator, openBrowser, type Page } from "../support/browser.js";
import { editAccepted } from "../support/groups.js";
import { type ReleaseAnswer, releaseOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const PUBLISHED = instant("2024-06-11T17:00Z");
const PAUSED = "The health gate paused a release";

/** From the gate's pause to a person's answer and what follows, all of it through Teams. */
describe.skipIf(!hasBrowser)("A bad update, answered in Teams", () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    world = await startWorld({
      from: "2024-06-11T00:00Z",
      devices: 200,
      durableTables: true,
      gate: "enforce",
      scenario: "bad-update",
      parameters: { rate: 0.6, silentShare: 0 },
      teams: true,
      releasesOnly: true,
    });
    // Together the first rings are enough devices for six failures: with fewer the gate would hold, not pause.
    const atOnce = { qualityDeferralDays: 0 };
    await editAccepted(world, { rings: { Ring1: atOnce, Ring2: atOnce } });
    browser = await openBrowser();
    for (let day = 1; day === 1 || !(await isPaused()); day++) {
      if (day > 10) throw new Error(`It is not paused: ${JSON.stringify((await release()).gate)}`);
      await runTo(world, PUBLISHED + day * DAY_MS);
    }
    page = await browser.newPage();
    await page.goto(`${world.teamsPage?.url}?as=Reader`);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  const release = (): Promise<ReleaseAnswer> => releaseOf(world, UPDATE);
  const isPaused = async () => (await release()).needsPerson;
  const become = (role: string) =>
    page
      .getByLabel("You are")
      .selectOption({ value: world.tenant.teams?.people.find((each) => each.role === role)?.oid ?? "" });
  const question = (): Locator => page.getByRole("article").filter({ hasText: PAUSED }).first();
  const actions = async () => {
    const { value } = await world.api.get<{ value: AuditEntry[] }>("/audit?month=2024-06");
    return value.filter(({ action }) => action.startsWith("approval.answer"));
  };

  it("asks in the channel, with the evidence and a button for each answer", async () => {
    await question().waitFor();
    expect(
      await question()
        .getByText(/\d+ of \d+ offered devices/)
        .count(),
    ).toBeGreaterThan(0);
    for (const name of ["Leave as it is", "Roll back", "Cancel release", "Resume"]) {
      expect(
        await question()
          .getByRole("button", { name: new RegExp(name, "i") })
          .count(),
      ).toBe(1);
    }
  });

  it("asks the approver in a chat of his own as well", async () => {
    await become("Approver");
    await page.getByRole("link", { name: "Chat with Ringmaster" }).click();
    await page.getByRole("region", { name: "Chat" }).getByText(PAUSED).first().waitFor();
    await page.getByRole("link", { name: "Windows updates" }).click();
  });

  it("refuses a reader, and says whom to ask", async () => {
    await become("Reader");
    await question()
      .getByRole("button", { name: /roll back/i })
      .click();
    await page
      .getByRole("status")
      .getByText(/needs the role Approver/)
      .waitFor();
    expect(await isPaused()).toBe(true);
    expect((await actions()).map(({ action }) => action)).toEqual(["approval.answer.refused"]);
  });

  it("takes the answer of the approver, shows it to everybody, and rolls back", async () => {
    await become("Approver");
    await question().getByLabel(/Why/).fill("Every second device hangs.");
    await question()
      .getByRole("button", { name: /roll back/i })
      .click();
    await question().getByText("Amira Approver").waitFor();
    expect(
      await question()
        .getByRole("button", { name: /roll back/i })
        .count(),
    ).toBe(0);
    await runTo(world, world.now() + HOUR_MS);
    const { needsPerson, rings } = await release();
    expect([needsPerson, rings.some(({ status }) => status === "Rolling back")]).toEqual([false, true]);
    const answered = (await actions()).filter(({ action }) => action === "approval.answer");
    expect(answered).toMatchObject([
      {
        actor: { name: "Amira Approver" },
        justification: "Every second device hangs.",
        evidence: { answer: "rollBack" },
      },
    ]);
    await become("Reader");
    await question()
      .getByText(/said Amira Approver/)
      .waitFor();
    expect(
      await question()
        .getByRole("button", { name: /roll back/i })
        .count(),
    ).toBe(0);
  });

  it("explains itself to somebody who writes to it", async () => {
    await page.getByRole("link", { name: "Chat with Ringmaster" }).click();
    await page.getByLabel("Message to Ringmaster").fill("help");
    await page.keyboard.press("Enter");
    await page.getByText(/you need the role Approver/).waitFor();
  });
});
