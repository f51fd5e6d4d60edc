import { z } from "zod";
import { GraphFault, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { accepted, type GraphRequest, type GraphResponse, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import type { Row } from "../../state/table.js";
import { dateText, type World } from "../../world.js";
import { userOf } from "../directory/users.js";

/** A mail that was sent. */
export interface Mail extends Row {
  /** Domain time, ISO. */
  readonly at: string;
  /** User principal name of the mailbox. */
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly subject: string;
  readonly contentType: "text" | "html";
  readonly content: string;
}

const recipient = z.object({ emailAddress: z.object({ address: z.string().regex(/^[^\s@]+@[^\s@]+$/) }) });
const sendMail = z.object({
  message: z.object({
    subject: z.string().default(""),
    body: z.object({
      contentType: z
        .string()
        .toLowerCase()
        .pipe(z.enum(["text", "html"])),
      content: z.string(),
    }),
    toRecipients: z.array(recipient).min(1),
    ccRecipients: z.array(recipient).default([]),
  }),
  saveToSentItems: z.boolean().default(true),
});

/** `POST /users/{id}/sendMail`: 202 says that the mail was taken, and twice the same mail is two mails. */
export function sendMailRoutes(world: World): Route[] {
  return [
    {
      method: "POST",
      path: "/users/{id}/sendMail",
      service: Service.directory,
      needs: needs.sendMail,
      answersAccepted: true,
      handle: (request) => send(world, request),
    },
  ];
}

function send(world: World, request: GraphRequest): GraphResponse {
  const sender = userOf(world, request.params.id ?? "");
  if (sender === undefined) {
    throw new GraphFault(404, "ErrorInvalidUser", `The requested user '${request.params.id}' is invalid.`);
  }
  const { message } = readBody(sendMail, request.body, "ErrorInvalidRecipients");
  const addresses = (list: readonly z.infer<typeof recipient>[]) =>
    list.map(({ emailAddress }) => emailAddress.address);
  world.store.table<Mail>("mails").set({
    id: world.newId("mail"),
    at: dateText(world.clock.now()),
    from: sender.userPrincipalName,
    to: addresses(message.toRecipients),
    cc: addresses(message.ccRecipients),
    subject: message.subject,
    ...message.body,
  });
  return accepted();
}
