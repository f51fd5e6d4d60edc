import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Pace, TeamsPage } from "../../infra/local/teams-page/server.js";
import { type Browser, hasBrowser, openBrowser, type Page } from "../support/browser.js";
import { card, message, TestTeam } from "../unit/infra/local/tenant/teams/support.js";

interface Invoke {
  readonly from: { readonly name: string };
  readonly value: { readonly trigger: string; readonly action: { readonly verb: string; readonly data: object } };
}

/** The page of Teams before a tenant of its own and an app that answers as the test says. */
describe.skipIf(!hasBrowser)("the Teams page", () => {
  let browser: Browser;
  let team: TestTeam;
  let app: Server;
  let teamsPage: TeamsPage;
  let page: Page;
  let pace: Pace;
  let answerOf: (invoke: Invoke) => object | Promise<object>;
  let invokes: Invoke[];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    team = await TestTeam.start();
    invokes = [];
    app = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const invoke: Invoke = JSON.parse(text);
      invokes.push(invoke);
      response.end(JSON.stringify(await answerOf(invoke)));
    });
    await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
    team.teams.endpoint = `http://127.0.0.1:${(app.address() as AddressInfo).port}/api/messages`;
    pace = Pace.full;
    const set = (wanted: Pace) => {
      pace = wanted;
    };
    teamsPage = await TeamsPage.listen({
      teams: team.teams,
      mails: () => team.test.tenant.mails,
      now: () => team.test.clock.now(),
      console: { url: "http://127.0.0.1:7071/", key: "key" },
      pace: { get: () => pace, set },
    });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await teamsPage.close();
    await new Promise((resolve) => app.close(resolve));
    await team.discard();
  });

  const toast = (value: string) => ({ statusCode: 200, type: "application/vnd.microsoft.activity.message", value });
  const shown = (content: object) => ({
    statusCode: 200,
    type: "application/vnd.microsoft.card.adaptive",
    value: content,
  });
  const open = (as: string) => page.goto(`${teamsPage.url}?as=${as}`);
  const input = { type: "Input.Text", id: "justification", label: "Why" };

  it("shows a card, sends what is typed and pressed as the person, and shows the answer to that person", async () => {
    await team.postToChannel(
      message(card("**Paused** <b>now</b>", { body: [{ type: "TextBlock", text: "**Paused** <b>now</b>" }, input] })),
    );
    answerOf = ({ from }) => shown(card(`${from.name} resumed it`, { actions: [] }));
    await open("Approver");
    const text = page.getByText("Paused <b>now</b>");
    await text.waitFor();
    expect(await text.locator("strong").textContent()).toBe("Paused");
    await page.getByLabel("Why").fill("Known noise.");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Amira Approver resumed it").waitFor();
    expect(invokes).toMatchObject([
      {
        from: { name: "Amira Approver" },
        value: {
          trigger: "manual",
          action: { verb: "approval.resume", data: { approvalId: "a1", rev: 1, justification: "Known noise." } },
        },
      },
    ]);
    await page.getByLabel("You are").selectOption({ label: "Rosa Reader (Reader)" });
    await page.getByText("Paused <b>now</b>").waitFor();
    expect(await page.getByText("Amira Approver resumed it").count()).toBe(0);
  });

  it("shows the markdown of Teams, and what is escaped or foreign as text", async () => {
    const text =
      "**Bold** \\*plain\\* [docs](https://learn.microsoft.com/x) [bad](javascript:alert) <img src=x onerror=alert(1)> \ue03cb\ue03e\n- one\n- two";
    await team.postToChannel({ type: "message", text: `<at>Amira</at> ${text}` });
    await open("Reader");
    const body = page.getByRole("article").locator(".text");
    expect(await body.locator("strong").allTextContents()).toEqual(["Amira", "Bold"]);
    expect(await body.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")))).toEqual([
      "https://learn.microsoft.com/x",
    ]);
    expect(await body.locator("li").allTextContents()).toEqual(["one", "two"]);
    expect(await body.textContent()).toContain("*plain* docs [bad](javascript:alert) <img src=x onerror=alert(1)>");
    expect(await body.locator("img, b").count()).toBe(0);
  });

  it("works from the keyboard, tells refusals, and keeps what is typed while it polls", async () => {
    const asked = card("Paused", { body: [{ type: "TextBlock", text: "Paused" }, input] });
    const { id, activityId } = await team.postToChannel(message(asked));
    answerOf = () => toast("Rosa Reader needs the role Approver.");
    await open("Reader");
    await page.getByLabel("Why").fill("I would like to.");
    await page.waitForResponse(/teams\/state/);
    expect(await page.getByLabel("Why").inputValue()).toBe("I would like to.");
    const path = `conversations/${encodeURIComponent(id)}/activities/${activityId}`;
    await team.call("PUT", path, message(card("Reminded", { body: [{ type: "TextBlock", text: "Reminded" }, input] })));
    await page.getByText("Reminded").waitFor();
    await page.keyboard.press("End");
    await page.keyboard.type(" Really.");
    expect(await page.getByLabel("Why").inputValue()).toBe("I would like to. Really.");
    await page.getByRole("button", { name: "Resume" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("needs the role Approver").waitFor();
    answerOf = () => ({
      statusCode: 400,
      type: "application/vnd.microsoft.error",
      value: { code: "Bad", message: "No" },
    });
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("No (400 Bad)").waitFor();
  });

  it("shows nothing as somebody until it is that person's, so that what is typed at once goes with the answer", async () => {
    await team.postToChannel(message(card("Paused", { body: [{ type: "TextBlock", text: "Paused" }, input] })));
    answerOf = () => toast("Done");
    await open("Reader");
    await page.getByText("Paused").waitFor();
    const { oid } = team.person("Approver");
    await page.route(`**/state?as=${oid}`, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const looked = page.waitForResponse(`**/state?as=${oid}`);
    await page.getByLabel("You are").selectOption({ value: oid });
    await page.getByLabel("Why").fill("Known noise.");
    await looked;
    await page.waitForResponse(`**/state?as=${oid}`);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("status").getByText("Done").waitFor();
    expect(invokes).toMatchObject([
      { from: { name: "Amira Approver" }, value: { action: { data: { justification: "Known noise." } } } },
    ]);
  });

  it("keeps what is typed, and the place of the keyboard, when a refresh brings another card meanwhile", async () => {
    const { mri } = team.person("Approver");
    const refresh = { action: { type: "Action.Execute", verb: "approval.refresh", data: {} }, userIds: [mri] };
    const asked = (text: string) => card(text, { refresh, body: [{ type: "TextBlock", text }, input] });
    await team.postToChannel(message(asked("For everybody")));
    let give: () => void = () => {};
    const typed = new Promise<void>((resolve) => {
      give = resolve;
    });
    answerOf = ({ value }) =>
      value.trigger === "manual" ? toast("Done") : typed.then(() => shown(asked("For Amira")));
    await open("Approver");
    const why = page.getByLabel("Why");
    await why.fill("Known noise.");
    for (let i = 0; i < "noise.".length; i++) await why.press("ArrowLeft");
    give();
    await page.getByText("For Amira").waitFor();
    await page.keyboard.type("old ");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("status").getByText("Done").waitFor();
    expect(invokes.at(-1)).toMatchObject({ value: { action: { data: { justification: "Known old noise." } } } });
  });

  it("draws a card anew only when it says something else", async () => {
    const asked = message(card("Paused", { body: [{ type: "TextBlock", text: "Paused" }, input] }));
    const { id, activityId } = await team.postToChannel(asked);
    await open("Approver");
    const field = await page.getByLabel("Why").elementHandle();
    await team.call("PUT", `conversations/${encodeURIComponent(id)}/activities/${activityId}`, asked);
    await page.getByText("Edited").waitFor();
    expect(await field?.evaluate((node) => node.isConnected)).toBe(true);
  });

  it("draws no button away that is held down", async () => {
    const { id, activityId } = await team.postToChannel(message(card("Paused")));
    answerOf = () => toast("Done");
    await open("Approver");
    await page.getByRole("button", { name: "Resume" }).hover();
    await page.mouse.down();
    const path = `conversations/${encodeURIComponent(id)}/activities/${activityId}`;
    await team.call("PUT", path, message(card("Reminded")));
    for (let polls = 0; polls < 2; polls++) await page.waitForResponse(/teams\/state/);
    await page.mouse.up();
    await page.getByRole("status").getByText("Done").waitFor();
    await page.getByText("Reminded").waitFor();
  });

  it("keeps the keyboard in its field when the oldest message leaves the page", async () => {
    for (let i = 0; i < 99; i++) await team.postToChannel({ type: "message", text: `Message ${i}.` });
    await team.postToChannel(message(card("Paused", { body: [{ type: "TextBlock", text: "Paused" }, input] })));
    await open("Approver");
    await page.getByLabel("Why").fill("Known");
    await team.postToChannel({ type: "message", text: "The newest" });
    await page.getByText("The newest").waitFor();
    expect(await page.getByText("Message 0.").count()).toBe(0);
    await page.keyboard.type(" noise.");
    expect(await page.getByLabel("Why").inputValue()).toBe("Known noise.");
  });

  it("opens for somebody of the team when the one of the last time is of another tenant", async () => {
    await open("Reader");
    await page.evaluate("sessionStorage.setItem('as', '0f9c5a1e-7a4e-4a63-9c55-1f2a3b4c5d61')");
    await page.goto(teamsPage.url);
    await page.getByText("Nothing has been posted yet.").waitFor();
    expect(await page.getByLabel("You are").inputValue()).toBe(team.teams.people[0]?.oid);
  });

  it("refreshes a card for the people it names when they look, once", async () => {
    const { mri } = team.person("Approver");
    const refresh = { action: { type: "Action.Execute", verb: "approval.refresh", data: {} }, userIds: [mri] };
    await team.postToChannel(message(card("For everybody", { refresh })));
    answerOf = () => shown(card("For Amira", { refresh }));
    await open("Reader");
    await page.getByText("For everybody").waitFor();
    await page.getByLabel("You are").selectOption({ label: "Amira Approver (Approver)" });
    await page.getByText("For Amira").waitFor();
    await page.waitForResponse(/teams\/state/);
    expect(invokes.map(({ value }) => value.trigger)).toEqual(["automatic"]);
  });

  it("shows chats and mails, what is new elsewhere, and slows time down", async () => {
    answerOf = () => ({});
    await open("Approver");
    await page.getByText("Nothing has been posted yet.").waitFor();
    const { mri } = team.person("Approver");
    await team.call("POST", "conversations", {
      members: [{ id: mri }],
      activity: { type: "message", text: "Please decide" },
    });
    const chat = page.getByRole("link", { name: "Chat with Ringmaster" });
    await chat.getByText("1 new").waitFor();
    await chat.click();
    await page.getByText("Please decide").waitFor();
    await page.getByLabel("Message to Ringmaster").fill("help");
    await page.keyboard.press("Enter");
    await page.getByRole("article").getByText("help").waitFor();
    await team.test.post("/v1.0/users/amira@contoso.example/sendMail", {
      message: {
        subject: "A release was paused",
        body: { contentType: "html", content: "<h1>Paused</h1><script>alert(1)</script><p>2024.06 B</p>" },
        toRecipients: [{ emailAddress: { address: "ada@contoso.example" } }],
      },
    });
    await page.getByRole("link", { name: "Mail" }).click();
    await page.getByText("A release was paused").click();
    await page.getByText("To ada@contoso.example").waitFor();
    await page.getByLabel("Slow down time").check();
    await expect.poll(() => pace).toBe(Pace.slow);
  });

  it("takes nothing from other sites", async () => {
    answerOf = () => toast("Done");
    const { activityId } = await team.postToChannel();
    const body = JSON.stringify({ as: "Approver", messageId: activityId, verb: "approval.resume", trigger: "manual" });
    const post = async (headers: Record<string, string>) =>
      (await fetch(`${teamsPage.url}/act`, { method: "POST", headers, body })).status;
    expect(await post({ "content-type": "text/plain" })).toBe(403);
    expect(await post({ "content-type": "application/json", origin: "https://evil.example" })).toBe(403);
    expect(invokes).toEqual([]);
    expect(await post({ "content-type": "application/json" })).toBe(200);
  });
});
