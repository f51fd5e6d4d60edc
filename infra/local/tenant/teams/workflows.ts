import { timingSafeEqual } from "node:crypto";
import { accepted, type GraphResponse } from "../graph/types.js";
import type { Site, SiteCall } from "../site.js";
import { guid, hexId } from "../state/ids.js";
import type { World } from "../world.js";
import { readMessage } from "./activity.js";
import { bodyOf, SERVICE_PATH } from "./connector.js";
import type { Conversations } from "./conversations.js";
import { ConnectorFault, tooMany } from "./fault.js";
import { RateLimits } from "./limits.js";

const BASE = `${SERVICE_PATH}workflows/`;

/** A flow "post to a channel when a webhook request is received" of the team (graph.md §4.4). */
export class WorkflowWebhook implements Site {
  /** Below the tenant's host, with its secret. */
  readonly path: string;
  readonly #id: string;
  readonly #signature: string;
  readonly #limits = new RateLimits();

  constructor(
    private readonly world: World,
    seed: number,
    private readonly conversations: Conversations,
  ) {
    this.#id = guid(seed, "workflow").replaceAll("-", "");
    this.#signature = hexId(seed, "workflow signature").slice(0, 43);
    this.path = `${BASE}${this.#id}?sig=${this.#signature}`;
  }

  answer(call: SiteCall): { response: GraphResponse } | undefined {
    if (!call.path.startsWith(BASE)) return undefined;
    try {
      return { response: this.#run(call) };
    } catch (error) {
      if (error instanceof ConnectorFault) return { response: error.response };
      throw error;
    }
  }

  #run(call: SiteCall): GraphResponse {
    const { faults } = this.world;
    if (call.path !== BASE + this.#id || call.method !== "POST") {
      throw new ConnectorFault(404, "WorkflowNotFound", "The workflow could not be found.");
    }
    if (!this.#isSigned(call)) {
      throw new ConnectorFault(401, "DirectApiAuthorizationRequired", "The signature of the request is not valid.");
    }
    if (faults.draw(`workflow ${call.path}`)("throttle")) throw tooMany();
    if (faults.current.teamsLimits === true && !this.#limits.admitsWorkflow(this.#id)) throw tooMany();
    const message = readMessage(bodyOf(call));
    const channel = { conversationId: this.conversations.channelId };
    this.conversations.post(channel, { kind: "workflow", name: "Workflows" }, message);
    return accepted();
  }

  #isSigned({ query }: SiteCall): boolean {
    const given = Buffer.from(hexId(query.get("sig") ?? ""));
    return timingSafeEqual(given, Buffer.from(hexId(this.#signature)));
  }
}
