import { z } from "zod";
import { csrfToken } from "../../shared/access/csrf.js";
import { Role } from "../../shared/access/roles.js";
import { json, route } from "./route.js";

const role = z.enum(Role).nullable();
const sessionSchema = z
  .object({
    id: z.string().describe("Object id in Entra, or function-key."),
    name: z.string(),
    via: z
      .enum(["key", "token", "session"])
      .describe("What proved it: the function key alone, a bearer token, a browser session."),
    rights: z
      .object({ groups: role, policies: role, tenant: role })
      .describe("The role held over each area; null: none."),
    scopeTagIds: z.union([z.array(z.string()), z.literal("all")]).describe("Scope tags that bound what is seen."),
    csrfToken: z
      .string()
      .nullable()
      .describe("What changes of a browser session carry as x-csrf-token; null elsewhere."),
  })
  .meta({ id: "Session" });

export const sessionGet = route({
  name: "sessionGet",
  method: "GET",
  path: "session",
  role: "Reader",
  act: "read who he is",
  answer: { about: "Who calls, with which rights.", schema: sessionSchema },
  run: async ({ actor, via }) => {
    const { id, name, rights, scopeTagIds } = actor;
    return json({ id, name, via, rights, scopeTagIds, csrfToken: via === "session" ? csrfToken(actor) : null });
  },
});
