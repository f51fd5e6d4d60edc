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
/** Oldest entries are dropped once this many have expired, so that dropping costs little. */
const DROP_AT = 10_000;

/**
 * What changed in the directory, for delta queries. It is not journalled: tokens of before a restart are refused with
 * 410, which a client has to cope with anyway.
 */
export class ChangeLog {
  #groups: Change[] = [];
  #devices: Change[] = [];
  #number = 0;
  readonly #epoch: number;

  constructor(private readonly now: () => number) {
    this.#epoch = now();
  }

  group(id: string, deleted = false): void {
    this.#groups = this.#append(this.#groups, { id, deleted });
  }

  members(members: MembershipChange): void {
    this.#groups = this.#append(this.#groups, { id: members.groupId, deleted: false, members });
  }

  device(id: string, deleted = false): void {
    this.#devices = this.#append(this.#devices, { id, deleted });
  }

  /** A token that stands for now. */
  token(): string {
    return Buffer.from(JSON.stringify([this.#epoch, this.#number, this.now()])).toString("base64url");
  }

  /** The changes of a kind since a token, oldest first; undefined when the token is unknown or expired. */
  since(kind: "groups" | "devices", token: string): readonly Change[] | undefined {
    const position = this.#read(token);
    if (position === undefined) return undefined;
    const list = kind === "groups" ? this.#groups : this.#devices;
    return list.filter((change) => change.number > position);
  }

  #read(token: string): number | undefined {
    try {
      const [epoch, number, at] = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as number[];
      const fresh = epoch === this.#epoch && at !== undefined && this.now() - at <= TOKEN_LIFETIME;
      return fresh ? number : undefined;
    } catch {
      return undefined;
    }
  }

  #append(list: Change[], change: Omit<Change, "number" | "at">): Change[] {
    const at = this.now();
    const expired = (list[DROP_AT]?.at ?? at) < at - TOKEN_LIFETIME;
    const kept = expired ? list.filter((each) => each.at >= at - TOKEN_LIFETIME) : list;
    this.#number++;
    kept.push({ ...change, number: this.#number, at });
    return kept;
  }
}
