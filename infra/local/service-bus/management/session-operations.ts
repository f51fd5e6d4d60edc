import rhea from "rhea";
import { toNumber } from "../amqp.js";
import type { Operation } from "./manage.js";

/** Operations on sessions, by name without prefix. */
export const sessionOperations: Readonly<Record<string, Operation>> = {
  "renew-session-lock": ({ namespace, address, body }) => {
    const until = namespace.queue(address).sessions.renew(String(body["session-id"]));
    return { expiration: rhea.types.wrap_timestamp(until) };
  },

  "set-session-state": ({ namespace, address, body }) => {
    const state = body["session-state"];
    const bytes = Buffer.isBuffer(state) ? Buffer.from(state) : undefined;
    namespace.queue(address).sessions.setState(String(body["session-id"]), bytes);
    return {};
  },

  "get-session-state": ({ namespace, address, body }) => ({
    "session-state": namespace.queue(address).sessions.state(String(body["session-id"])) ?? null,
  }),

  "get-message-sessions": ({ namespace, address, body }) => {
    const ids = namespace.queue(address).sessionIds();
    const skip = toNumber(body.skip ?? 0);
    const page = ids.slice(skip, skip + toNumber(body.top ?? ids.length));
    return page.length === 0 ? undefined : { skip: skip + page.length, "sessions-ids": page };
  },
};
