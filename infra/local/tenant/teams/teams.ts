import { join } from "node:path";
import type { Authority } from "../authority/authority.js";
import type { Outcome } from "../graph/api.js";
import type { Json } from "../graph/types.js";
import type { Site, SiteCall } from "../site.js";
import { guid } from "../state/ids.js";
import { dateText, type World } from "../world.js";
import { type Card, cardOf } from "./activity.js";
import { BotAuthority, type BotCredentials, botCredentials, METADATA_PATH } from "./bot.js";
import { Connector, SERVICE_PATH } from "./connector.js";
import { Conversations, type MessageRow, type Sender } from "./conversations.js";
import { type ActionResult, type BotCaller, type CardAction, invokeCard, sendMessage } from "./invoke.js";
import { MAILBOX, peopleOf, type TeamMember } from "./people.js";
import { WorkflowWebhook } from "./workflows.js";

const BOT_NAME = "Ringmaster";

/** A message as one person sees it. */
export interface MessageView {
  readonly id: string;
  readonly threadId: string;
  readonly from: Sender;
  /** ISO, domain time. */
  readonly at: string;
  readonly edition: number;
  readonly isDeleted: boolean;
  readonly text: string;
  readonly summary: string;
  /** The person's own view where the bot gave one, else the card that everybody sees. */
  readonly card: Card | null;
  /** The person's client refreshes this card by itself, and has not yet. */
  readonly refresh: Json | null;
}

/** Microsoft Teams as far as a bot and its people meet there: one team with one channel, and a chat for each person. */
export class Teams implements Site {
  readonly people: readonly TeamMember[];
  readonly bot: BotCredentials;
  readonly #botAuthority: BotAuthority;
  readonly #conversations: Conversations;
  readonly #connector: Connector;
  readonly #workflow: WorkflowWebhook;
  /** What a person's client shows in place of a card, by message and person, until the bot replaces the message. */
  readonly #views = new Map<string, { readonly edition: number; readonly card: Card | null }>();
  #origin = "";
  #endpoint = "";

  constructor(
    private readonly world: World,
    authority: Authority,
    options: { readonly seed: number; readonly dir: string },
  ) {
    const { seed, dir } = options;
    this.people = peopleOf(seed);
    this.bot = botCredentials(seed);
    authority.registerBot(this.bot);
    this.#botAuthority = new BotAuthority(join(dir, "certificates", "bot.key"), this.bot.appId);
    this.#conversations = new Conversations(world, seed, this.people);
    const bot = { kind: "bot", name: BOT_NAME, appId: this.bot.appId } as const;
    this.#connector = new Connector(world, authority, this.#conversations, bot);
    this.#workflow = new WorkflowWebhook(world, seed, this.#conversations);
    const mailbox = { oid: guid(seed, "mailbox"), name: "Windows updates", userPrincipalName: MAILBOX };
    for (const { oid, name, userPrincipalName } of [...this.people, mailbox]) {
      if (world.directory.users.get(oid) !== undefined) continue;
      world.directory.users.set({ id: oid, displayName: name, userPrincipalName, accountEnabled: true });
    }
  }

  /** Told once where the tenant's host is. */
  set origin(origin: string) {
    this.#origin = origin;
  }

  /** The bot's messaging endpoint, as its registration names it. */
  set endpoint(url: string) {
    this.#endpoint = url;
  }

  get serviceUrl(): string {
    return `${this.#origin}${SERVICE_PATH}`;
  }

  get metadataUrl(): string {
    return `${this.#origin}${METADATA_PATH}`;
  }

  /** Address of the team's Workflows webhook; whoever has it may post. */
  get workflowUrl(): string {
    return `${this.#origin}${this.#workflow.path}`;
  }

  get channelId(): string {
    return this.#conversations.channelId;
  }

  answer(call: SiteCall): Outcome | undefined {
    const published = this.#botAuthority.answer(call.path, call.origin);
    if (published !== undefined) return { response: published };
    return this.#workflow.answer(call) ?? this.#connector.answer(call);
  }

  /** Installs or removes the app: for a person by object id, or in the team by the id of its channel. */
  setInstalled(where: string, isInstalled: boolean): void {
    this.#conversations.setInstalled(where, isInstalled);
  }

  /** The channel as a person sees it, oldest first. Throws for a stranger. */
  channel(oid: string): MessageView[] {
    const person = this.#person(oid);
    return this.#conversations.messagesOf(this.channelId).map((row) => this.#view(row, person));
  }

  /** The person's chat with the bot, oldest first. Throws for a stranger. */
  chat(oid: string): MessageView[] {
    const person = this.#person(oid);
    return this.#conversations.messagesOf(this.#conversations.chatId(person)).map((row) => this.#view(row, person));
  }

  /** A person presses a button of a card, or the client refreshes it: the bot is asked, and its answer shown. */
  async act(oid: string, messageId: string, action: CardAction): Promise<ActionResult> {
    const person = this.#person(oid);
    const row = this.#messageFor(person, messageId);
    if (row === undefined) return { kind: "error", text: "The message is not there any more." };
    const result = await invokeCard(this.#caller(), person, row, action);
    const key = viewKey(row, person);
    if (result.kind === "card") this.#views.set(key, { edition: row.edition, card: result.card });
    // A client does not ask again and again for a card that the bot does not give.
    else if (action.trigger === "automatic") this.#views.set(key, { edition: row.edition, card: null });
    return result;
  }

  /** A person writes to the bot. Returns what went wrong, if anything did. */
  async write(oid: string, text: string): Promise<string | undefined> {
    const person = this.#person(oid);
    const chat = this.#conversations.chatWith(person);
    const row = this.#conversations.post(chat, { kind: "person", name: person.name }, { type: "message", text });
    return sendMessage(this.#caller(), person, row);
  }

  #caller(): BotCaller {
    const { world, serviceUrl } = this;
    const caller = { world, serviceUrl, authority: this.#botAuthority, conversations: this.#conversations };
    return { ...caller, appId: this.bot.appId, endpoint: this.#endpoint };
  }

  #person(oid: string): TeamMember {
    const person = this.#conversations.person(oid);
    if (person === undefined) throw new Error(`Nobody in the team has the object id '${oid}'.`);
    return person;
  }

  #messageFor(person: TeamMember, id: string): MessageRow | undefined {
    const chatId = this.#conversations.chatId(person);
    const rows = [this.channelId, chatId].flatMap((each) => this.#conversations.messagesOf(each));
    return rows.find((row) => row.id === id && !row.isDeleted);
  }

  #view(row: MessageRow, person: TeamMember): MessageView {
    const { id, threadId, from, at, edition, isDeleted } = row;
    const { text = "", summary = "" } = row.activity;
    const given = isDeleted ? undefined : cardOf(row.activity);
    const own = this.#views.get(viewKey(row, person));
    const isCurrent = own?.edition === edition;
    return {
      ...{ id, threadId, from, edition, isDeleted },
      at: dateText(at),
      text: isDeleted ? "" : text,
      summary: isDeleted ? "" : summary,
      card: (isCurrent ? own.card : null) ?? given ?? null,
      refresh: given === undefined || isCurrent || from.kind !== "bot" ? null : refreshFor(given, person),
    };
  }
}

function viewKey({ id }: MessageRow, { oid }: TeamMember): string {
  return `${id} ${oid}`;
}

/** The action with which a person's client refreshes a card: those named, or everybody in so small a team. */
function refreshFor({ refresh }: Card, { mri }: TeamMember): Json | null {
  const { action, userIds } = refresh ?? {};
  return action !== undefined && (userIds === undefined || userIds.includes(mri)) ? action : null;
}
