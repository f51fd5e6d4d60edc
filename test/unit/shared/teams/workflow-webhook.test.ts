import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AdaptiveCard } from "../../../../shared/cards/elements.js";

const URL_WITH_SECRET = "https://flow.example/trigger?sig=s3cret";
const settings = vi.hoisted((): { TEAMS_WORKFLOW_URL: string | undefined } => ({ TEAMS_WORKFLOW_URL: undefined }));
vi.mock("../../../../shared/config.js", () => ({ config: () => settings }));
const { postToWorkflow } = await import("../../../../shared/teams/workflow-webhook.js");

const card: AdaptiveCard = {
  $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
  type: "AdaptiveCard",
  version: "1.4",
  fallbackText: "",
  body: [],
};

beforeEach(() => {
  settings.TEAMS_WORKFLOW_URL = URL_WITH_SECRET;
});

describe("a flow", () => {
  it("gets the card as an object in a message", async () => {
    const sent: unknown[] = [];
    await postToWorkflow(card, async (url, { body }) => {
      sent.push(url, JSON.parse(String(body)));
      return new Response("", { status: 202 });
    });
    const contentType = "application/vnd.microsoft.card.adaptive";
    expect(sent).toEqual([
      URL_WITH_SECRET,
      { type: "message", attachments: [{ contentType, contentUrl: null, content: card }] },
    ]);
  });

  it.each([
    [429, "throttled"],
    [503, "unavailable"],
    [400, "invalid_input"],
    [401, "forbidden"],
    [404, "gone"],
  ])("that answers %i is an error without its address", async (status, code) => {
    const error: unknown = await postToWorkflow(card, async () => new Response("", { status })).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain("s3cret");
  });

  it("that does not answer is tried again, and its address stays secret", async () => {
    const breaks = () => Promise.reject(new TypeError(`cannot reach ${URL_WITH_SECRET}`));
    const error: unknown = await postToWorkflow(card, breaks).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(`${error} ${(error as Error).cause}`).not.toContain("s3cret");
  });

  it("that is not set up is named", async () => {
    settings.TEAMS_WORKFLOW_URL = undefined;
    await expect(postToWorkflow(card)).rejects.toMatchObject({ field: "TEAMS_WORKFLOW_URL" });
  });
});
