import { DAY_MS } from "../../../../shared/calendar/days.js";
import type { MembershipChange } from "./directory.js";

export interface Change {
  readonly number: number;
  readonly at: number;
  readonly id: string;
  readonly deleted: boolean;
  readonly members?: MembershipChange;
}

/** Directory delta tokens live this long (graph.md §3.6). */
const TOKEN_LIFETIME = 7 * DAY_MS;
/** Changes of groups are dropped once so many have expired, so that dropping costs little. */
const DROP_AT = 10_000;

/**
 * What changed in the directory, for delta queries. It is not journalled: tokens of before a restart are refused with
 * 410, which a client has to cope with anyway.
 */
export class ChangeLog {
  #groups: Change[] = [];
  /** Of a device only the latest change matters: devices report often. */
  readonly #devices = new Map<string, Change>();
  #number = 0;

  constructor(
    private readonly now: () => number,
    /** Differs from start to start, so that tokens of before are known as such. */
    private readonly epoch: number,
  ) {}

  group(id: string, deleted = false): void {
    this.#appendGroup({ id, deleted });
  }

  members(members: MembershipChange): void {
    this.#appendGroup({ id: members.groupId, deleted: false, members });
  }

  device(id: string, deleted = false): void {
    this.#devices.delete(id);
    this.#devices.set(id, this.#numbered({ id, deleted }));
  }

  /** A token that stands for now. */
  token(): string {
    return Buffer.from(JSON.stringify([this.epoch, this.#number, this.now()])).toString("base64url");
  }

  /** The changes of a kind since a token, oldest first; undefined when the token is unknown or expired. */
  since(kind: "groups" | "devices", token: string): readonly Change[] | undefined {
    const position = this.#read(token);
    if (position === undefined) return undefined;
    const list = kind === "groups" ? this.#groups : [...this.#devices.values()];
    return list.filter((change) => change.number > position);
  }

  #read(token: string): number | undefined {
    try {
      const [epoch, number, at] = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as number[];
      const fresh = epoch === this.epoch && at !== undefined && this.now() - at <= TOKEN_LIFETIME;
      return fresh ? number : undefined;
    } catch {
      return undefined;
    }
  }

  #appendGroup(change: Omit<Change, "number" | "at">): void {
    const oldest = this.now() - TOKEN_LIFETIME;
    if ((this.#groups[DROP_AT]?.at ?? oldest) < oldest) this.#groups = this.#groups.filter(({ at }) => at >= oldest);
    this.#groups.push(this.#numbered(change));
  }

  #numbered(change: Omit<Change, "number" | "at">): Change {
    this.#number++;
    return { ...change, number: this.#number, at: this.now() };
  }
}
