import type { TeamMember, Teams } from "../../../../../../infra/local/tenant/index.js";
import { type Answer, type Start, TestTenant } from "../support.js";

/** An adaptive card with one button, as the app posts them. */
export function card(text = "Question", more: object = {}): object {
  const action = {
    type: "Action.Execute",
    title: "Resume",
    verb: "approval.resume",
    data: { approvalId: "a1", rev: 1 },
  };
  const body = [{ type: "TextBlock", text }];
  return { type: "AdaptiveCard", version: "1.4", body, actions: [action], ...more };
}

export function message(content: object = card()): object {
  const attachments = [{ contentType: "application/vnd.microsoft.card.adaptive", content }];
  return { type: "message", summary: "A question", attachments };
}

/** A tenant with a team, and the app's bot as the one who calls. */
export class TestTeam {
  #token = "";

  private constructor(
    readonly test: TestTenant,
    readonly teams: Teams,
  ) {}

  static async start(options: Start = {}): Promise<TestTeam> {
    const test = await TestTenant.start({ ...options, teams: true });
    const { teams } = test.tenant;
    if (teams === undefined) throw new Error("The tenant has no team.");
    const team = new TestTeam(test, teams);
    team.#token = String((await team.askToken()).json.access_token);
    return team;
  }

  askToken(form: Record<string, string> = {}): Promise<Answer> {
    const { appId, appSecret } = this.teams.bot;
    const bot = { client_id: appId, client_secret: appSecret, scope: "https://api.botframework.com/.default" };
    return this.test.askToken({ ...bot, ...form });
  }

  /** `path` below `v3/`. */
  call(method: string, path: string, body?: unknown, token = this.#token): Promise<Answer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return this.test.send(method, `/teams/v3/${path}`, text, headers);
  }

  /** Posts the first message of a thread; its ids. */
  async postToChannel(activity: object = message()): Promise<{ id: string; activityId: string }> {
    const channelData = { channel: { id: this.teams.channelId } };
    const { json } = await this.call("POST", "conversations", { isGroup: true, channelData, activity });
    return { id: String(json.id), activityId: String(json.activityId) };
  }

  person(role: TeamMember["role"]): TeamMember {
    const found = this.teams.people.find((each) => each.role === role);
    if (found === undefined) throw new Error(`Nobody is ${role}.`);
    return found;
  }

  channel(): ReturnType<Teams["channel"]> {
    return this.teams.channel(this.person("Reader").oid);
  }

  discard(): Promise<void> {
    return this.test.discard();
  }
}
