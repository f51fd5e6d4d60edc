import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { RefusalLog } from "../shared/audit/refusals.js";
import { AppError } from "../shared/errors.js";
import { teamsClient, tenantOf } from "../shared/teams/client.js";
import { acceptActivity, type InboundActivity, issuerOf, NotAccepted } from "../shared/teams/inbound.js";
import { type BotSettings, botSettings } from "../shared/teams/settings.js";
import { publishedKeys, type SigningKeys } from "../shared/teams/signing-keys.js";
import { findPerson, keepPerson, keepServiceUrl } from "../shared/teams/store.js";
import { actOn } from "./bot/actions.js";
import { badRequest, failed, type InvokeReply } from "./bot/replies.js";

/** Largest activity the bot reads, bytes. */
const MAX_BODY_BYTES = 256 * 1024;

const HELP =
  "I ask people about Windows updates that need a decision. My questions come as cards with buttons; to answer one you need the role Approver in Ringmaster.";

const CHANNEL_ACTOR = { id: "teams", name: "Whoever called the bot" };
/**
 * Each with a limit of its own: a flood from outside must not hide what known people were refused, nor must their clients,
 * which look again by themselves.
 */
const outside = new RefusalLog();
const clicks = { answer: new RefusalLog(), read: new RefusalLog() };
let keys: SigningKeys | undefined;

/** Where Teams sends what people do with the bot's cards. The token of each request is the authentication. */
app.http("botMessages", {
  methods: ["POST"],
  route: "api/messages",
  authLevel: "anonymous",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context): Promise<HttpResponseInit> => {
    try {
      const bot = botSettings();
      if (bot === undefined) return { status: 404 };
      return await answer(await accepted(request, bot), context);
    } catch (error) {
      if (error instanceof NotAccepted) return refuse(error, context);
      context.error(error);
      return { status: 503, headers: { "retry-after": "5" } };
    }
  },
});

async function accepted(request: HttpRequest, bot: BotSettings): Promise<InboundActivity> {
  const authorization = request.headers.get("authorization");
  const announced = Number(request.headers.get("content-length") ?? 0);
  const body = announced > MAX_BODY_BYTES ? undefined : await request.text();
  if (authorization !== null && (body === undefined || Buffer.byteLength(body) > MAX_BODY_BYTES)) {
    throw new NotAccepted(413, `the activity is larger than ${MAX_BODY_BYTES} bytes`);
  }
  keys ??= publishedKeys(bot.metadataUrl);
  const settings = { appId: bot.appId, tenantId: tenantOf(bot), issuer: issuerOf(bot.metadataUrl) };
  return acceptActivity(authorization, body ?? "", settings, keys);
}

/** The sender learns the status alone; the audit log has the reason. */
async function refuse({ status, reason }: NotAccepted, context: InvocationContext): Promise<HttpResponseInit> {
  try {
    const evidence = { status, reason };
    await outside.note({ actor: CHANNEL_ACTOR, action: "bot.refuse", target: "bot/messages", evidence });
  } catch (error) {
    context.error(error);
  }
  return { status, ...(status === 401 ? { headers: { "www-authenticate": "Bearer" } } : {}) };
}

async function answer(activity: InboundActivity, context: InvocationContext): Promise<HttpResponseInit> {
  await learn(activity, context);
  if (activity.type === "invoke") {
    return { status: 200, jsonBody: await answerInvoke(activity, context) };
  }
  if (activity.type === "message") await help(activity, context);
  return { status: 200 };
}

async function answerInvoke(activity: InboundActivity, context: InvocationContext): Promise<InvokeReply> {
  if (activity.name !== "adaptiveCard/action") return badRequest("The bot knows clicks on its cards only.");
  try {
    const { reply, refused } = await actOn(activity, df.getClient(context));
    if (refused !== undefined) {
      const { act, actor, approvalId, reason } = refused;
      const target = `approval/${approvalId}`;
      await clicks[act].note({ actor, action: `approval.${act}.refused`, target, evidence: { reason } });
    }
    return reply;
  } catch (error) {
    if (!(error instanceof AppError)) context.error(error);
    return failed(error);
  }
}

/** Where Teams is reached, and by which ids it knows the person; nobody waits for it. */
async function learn({ serviceUrl, from, conversation }: InboundActivity, context: InvocationContext): Promise<void> {
  try {
    await keepServiceUrl(serviceUrl);
    if (from?.aadObjectId === undefined || conversation === undefined) return;
    const { id: mri, aadObjectId: oid } = from;
    const name = from.name ?? (await findPerson(oid))?.name ?? oid;
    const chat = conversation.conversationType === "personal" ? { chatId: conversation.id } : {};
    await keepPerson({ oid, mri, name, ...chat });
  } catch (error) {
    context.error(error);
  }
}

async function help({ serviceUrl, conversation }: InboundActivity, context: InvocationContext): Promise<void> {
  if (conversation === undefined) return;
  try {
    await (await teamsClient(serviceUrl)).send(conversation.id, { summary: "What I do", text: HELP });
  } catch (error) {
    context.error(error);
  }
}
