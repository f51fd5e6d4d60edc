import type { MembershipChange } from "../directory/directory.js";
import type { Store } from "../state/store.js";
import type { Queue } from "./rollout.js";

/** Devices of deployment audiences: here groups of device objects, which are no groups of the directory. */
export class AudienceDevices {
  readonly #relation;
  /** Per audience the place of each device, made when somebody asks. */
  readonly #ranks = new Map<string, ReadonlyMap<string, number>>();

  constructor(store: Store) {
    this.#relation = store.relation("audienceDevices");
  }

  entries(): Iterable<[string, ReadonlySet<string>]> {
    return this.#relation.entries();
  }

  of(id: string): ReadonlySet<string> {
    return this.#relation.of(id);
  }

  /** Brings an audience to these devices; those that stay keep their order. Returns who came and who went. */
  set(id: string, devices: ReadonlySet<string>): MembershipChange {
    const before = this.#relation.of(id);
    const added = [...devices].filter((each) => !before.has(each));
    const removed = [...before].filter((each) => !devices.has(each));
    if (added.length > 0) this.#relation.add(id, added);
    if (removed.length > 0) this.#relation.remove(id, removed);
    if (added.length + removed.length > 0) this.#ranks.delete(id);
    return { groupId: id, added, removed };
  }

  /** The devices of an audience in the order in which they joined it, as it is whenever somebody asks. */
  queueOf(id: string): Queue {
    return { size: () => this.of(id).size, rankOf: (objectId) => this.#ranksOf(id).get(objectId) };
  }

  #ranksOf(id: string): ReadonlyMap<string, number> {
    const ranks = this.#ranks.get(id) ?? new Map([...this.of(id)].map((each, nth) => [each, nth]));
    this.#ranks.set(id, ranks);
    return ranks;
  }
}
