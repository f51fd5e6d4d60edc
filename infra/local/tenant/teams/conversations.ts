import { guid, hexId } from "../state/ids.js";
import type { Row, Table } from "../state/table.js";
import type { World } from "../world.js";
import type { Activity } from "./activity.js";
import { activityNotFound, conversationNotFound } from "./fault.js";
import type { TeamMember } from "./people.js";

/** A chat of one person with the bot. */
interface ChatRow extends Row {
  readonly oid: string;
}

export interface Sender {
  readonly kind: "bot" | "workflow" | "person";
  readonly name: string;
}

/** A message; its id is also that of its activity. */
export interface MessageRow extends Row {
  /** The channel or chat. */
  readonly conversationId: string;
  /** In a channel: the first message of its thread. */
  readonly threadId: string;
  readonly from: Sender;
  /** Domain time, ms. */
  readonly at: number;
  /** Grows each time the message is replaced. */
  readonly edition: number;
  readonly activity: Activity;
  readonly isDeleted: boolean;
}

interface InstallationRow extends Row {
  readonly isInstalled: boolean;
}

/** Where something is said: a channel, perhaps a thread of it, or one person's chat. */
export interface Place {
  /** The channel or chat. */
  readonly conversationId: string;
  readonly threadId?: string;
  /** The person of a chat. */
  readonly oid?: string;
}

/** The channel of the team and everybody's chat with the bot, journalled with the tenant. */
export class Conversations {
  /** `19:…@thread.tacv2` */
  readonly channelId: string;
  readonly #chats: Table<ChatRow>;
  readonly #messages: Table<MessageRow>;
  readonly #installations: Table<InstallationRow>;
  #lastId: number;

  constructor(
    private readonly world: World,
    private readonly seed: number,
    readonly people: readonly TeamMember[],
  ) {
    this.channelId = `19:${hexId(seed, "channel").slice(0, 32)}@thread.tacv2`;
    this.#chats = world.store.table("teamsChats");
    this.#messages = world.store.table("teamsMessages");
    this.#installations = world.store.table("teamsInstallations");
    this.#lastId = Math.max(0, ...this.#messages.all().map(({ id }) => Number(id)));
  }

  /** By object id or by MRI, as Teams takes both. */
  person(id: string): TeamMember | undefined {
    return this.people.find(({ oid, mri }) => oid === id.toLowerCase() || mri === id);
  }

  /** Everybody in a conversation but the bot. */
  membersOf({ oid }: Place): readonly TeamMember[] {
    return oid === undefined ? this.people : this.people.filter((person) => person.oid === oid);
  }

  /** The place that a conversation id names, `19:…;messageid=…` a thread. Throws 404. */
  find(id: string): Place {
    const [conversationId = "", threadId] = id.split(";messageid=");
    const oid = this.#chats.get(conversationId)?.oid;
    if (conversationId !== this.channelId && oid === undefined) throw conversationNotFound();
    if (threadId === undefined) return { conversationId, ...(oid === undefined ? {} : { oid }) };
    if (oid !== undefined || this.#messages.get(threadId)?.conversationId !== conversationId) {
      throw conversationNotFound();
    }
    return { conversationId, threadId };
  }

  /** Id of the chat of a person with the bot, always the same one. */
  chatId({ oid }: TeamMember): string {
    return `a:1${Buffer.from(hexId(this.seed, "chat", oid), "hex").toString("base64url")}`;
  }

  /** The chat of a person with the bot, begun when there is none. */
  chatWith(person: TeamMember): Place {
    const { oid } = person;
    const id = this.chatId(person);
    if (this.#chats.get(id) === undefined) this.#chats.set({ id, oid });
    return { conversationId: id, oid };
  }

  /** Adds a message; without a thread it begins one. */
  post(place: Place, from: Sender, activity: Activity): MessageRow {
    const at = this.world.clock.now();
    // An activity id is the instant of the message, in ms.
    this.#lastId = Math.max(at, this.#lastId + 1);
    const id = String(this.#lastId);
    const { conversationId, threadId = id } = place;
    const row = { id, conversationId, threadId, from, at, edition: 1, activity, isDeleted: false };
    this.#messages.set(row);
    return row;
  }

  /** A message of a conversation, whichever of its threads is named. Throws 404. */
  message({ conversationId }: Pick<Place, "conversationId">, id: string): MessageRow {
    const row = this.#messages.get(id);
    if (row === undefined || row.conversationId !== conversationId || row.isDeleted) throw activityNotFound();
    return row;
  }

  replace(row: MessageRow, activity: Activity): void {
    this.#messages.set({ ...row, activity, edition: row.edition + 1 });
  }

  remove(row: MessageRow): void {
    this.#messages.set({ ...row, isDeleted: true, edition: row.edition + 1 });
  }

  /** Messages of a channel or chat, oldest first, deleted ones included. */
  messagesOf(conversationId: string): MessageRow[] {
    return this.#messages.all().filter((row) => row.conversationId === conversationId);
  }

  /** Whether the app is installed in the team, or for the person of a chat. */
  hasBot({ oid = this.channelId }: Pick<Place, "oid">): boolean {
    return this.#installations.get(oid)?.isInstalled ?? true;
  }

  /** Installs or removes the app: for a person by object id, or in the team by the id of its channel. */
  setInstalled(where: string, isInstalled: boolean): void {
    this.#installations.set({ id: where, isInstalled });
  }

  /** Id of the team, of the group behind it. */
  get teamId(): string {
    return guid(this.seed, "team");
  }
}
