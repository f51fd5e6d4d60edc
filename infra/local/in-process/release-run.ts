import { SERVICE } from "../../../shared/access/roles.js";
import { type Question, timeOutOf } from "../../../shared/approvals/questions.js";
import { HOUR_MS } from "../../../shared/calendar/days.js";
import type { KeptDeployment } from "../../../shared/gate/baselines.js";
import { toleratedRate } from "../../../shared/gate/method.js";
import { waveCounts } from "../../../shared/groups/waves.js";
import { type DeviceRow, Ledger, type ReleaseSummary } from "../../../shared/ledger/index.js";
import { hoursAway } from "../../../shared/registration/check-ins.js";
import { type Advance, advanceRelease } from "../../../shared/releases/advance.js";
import type { LoggedCommand } from "../../../shared/releases/commands.js";
import type { Decision } from "../../../shared/releases/decisions.js";
import {
  examinationDue,
  examinationOf,
  examineDevices,
  withExamination,
  withExamined,
} from "../../../shared/releases/examination.js";
import { exclusionsOf } from "../../../shared/releases/exclusions.js";
import { finishedDeployment } from "../../../shared/releases/finished.js";
import { holdDevices, noteHold } from "../../../shared/releases/hold-devices.js";
import { type CohortHold, unsettledHolds } from "../../../shared/releases/holds.js";
import { nextLookAt } from "../../../shared/releases/judge.js";
import * as likelyIssues from "../../../shared/releases/likely-issue-devices.js";
import {
  hasUnsettledLikelyIssues,
  ringsToSafeguard,
  withFreedLikelyIssues,
  withLikelyIssues,
} from "../../../shared/releases/likely-issues.js";
import {
  decidesAnew,
  hasNews,
  newsFrom,
  type ReleaseFacts,
  reachesItsEnd,
  stepsOf,
} from "../../../shared/releases/news.js";
import { offersOf } from "../../../shared/releases/offers.js";
import { applyRingEvent, type RingEvent } from "../../../shared/releases/ring-events.js";
import type { RingLetter } from "../../../shared/releases/ring-inbox.js";
import { type RingAction, ringStep } from "../../../shared/releases/ring-step.js";
import { withSettled } from "../../../shared/releases/settled-holds.js";
import { type MeasuredCheckIns, needsCheckIns, startedDevices } from "../../../shared/releases/silence.js";
import type { Release, ReleaseRing } from "../../../shared/releases/store.js";
import { type SignalEvent, SignalKind } from "../../../shared/signals/signal.js";
import { MemoryTable } from "../../../shared/store/memory-table.js";
import { workloadFor } from "../../../shared/workloads/index.js";
import { Offers } from "../../../shared/workloads/workload.js";
import type { DevicesTenant } from "./devices-tenant.js";
import { OfferedWaves } from "./offered-waves.js";

type OpenWave = Pick<Extract<RingAction, { kind: "openWave" }>, "wave" | "devices" | "last">;

/** A ring looks again at least this often, as its orchestration does. */
const RING_BACKSTOP_MS = 24 * HOUR_MS;

export interface Enrolled {
  readonly deviceId: string;
  readonly objectId: string;
  readonly ring: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * One release with its rings as their orchestrations carry them (workflows/release.ts, workflows/ring.ts): the same state
 * machines, gate, controller and ledger, the ledger's tables in memory, devices told directly. What the tenant and
 * storage take seconds for happens at once.
 */
export class ReleaseRun {
  release: Release;
  readonly rings: ReleaseRing[];
  readonly decisions: Decision[] = [];
  /** What people have been asked. */
  readonly questions: Question[] = [];
  /** Hours that all devices have been away, day by day. */
  readonly surveyed: number[] = [];
  readonly ledger = new Ledger(new MemoryTable(), new MemoryTable());
  readonly #letters = new Map<string, RingLetter[]>();
  readonly #ringDue = new Map<string, number>();
  readonly #objects = new Map<string, string>();
  /** What newer releases order, and what the service does when nobody answers a question in time. */
  readonly #commands: LoggedCommand[] = [];
  readonly #tenant: DevicesTenant;
  readonly #waves: OfferedWaves;
  #releaseDue: number;

  constructor(release: Release, rings: readonly ReleaseRing[], tenant: DevicesTenant) {
    this.release = { ...release, prepared: true };
    this.rings = [...rings];
    this.#tenant = tenant;
    this.#waves = new OfferedWaves(tenant, release.update, (ring) => this.#ring(ring).state.excludedGroups);
    this.#releaseDue = release.startedAt;
    for (const { ring } of rings) this.#ringDue.set(ring, release.startedAt);
  }

  /** Puts the devices into the ledger, and lets signals find the release. */
  async enrol(devices: readonly Enrolled[]): Promise<void> {
    const { id, publishedAt, update } = this.release;
    for (const { deviceId, objectId } of devices) this.#objects.set(objectId, deviceId);
    const joinsBySignal = this.#isStanding && workloadFor(update).reports === "signals";
    await this.ledger.enrolDevices(id, devices, { joinsBySignal });
    const revisions = update.revisions.map(({ kb, build }) => ({ kb, build }));
    await this.ledger.registerUpdate(id, { revisions, startedAt: new Date(publishedAt).toISOString() });
  }

  /** A newer release takes its place at `now` (ms). */
  async supersede(by: string, now: number): Promise<void> {
    await this.order({ key: `supersede ${by}`, actor: SERVICE, command: { kind: "supersede", at: now, by } }, now);
  }

  /** Obeys a command at `now` (ms), if the release allows it. */
  async order(command: LoggedCommand, now: number): Promise<void> {
    this.#commands.push(command);
    this.#releaseDue = now;
    await this.lookAt(now);
  }

  /** What it teaches, once it has ended (ms). */
  async finished(now: number): Promise<KeptDeployment> {
    const letters = [...this.#letters.values()].flat();
    const { release, rings, decisions } = this;
    return finishedDeployment({ release, rings, summary: await this.summary(), decisions, letters }, now);
  }

  /** When release or rings look again (ms); undefined when all have ended. */
  nextDue(): number | undefined {
    const dues = [
      ...this.#ringDue.values(),
      this.#waves.nextDue(),
      ...(this.release.state.phase === "ended" ? [] : [this.#releaseDue]),
    ];
    const next = Math.min(...dues);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Lets whatever is due by `now` (ms) look. */
  async lookAt(now: number): Promise<void> {
    this.#waves.replicate(now);
    if (this.release.state.phase !== "ended" && this.#releaseDue <= now) await this.#lookAtRelease(now);
    for (const { ring } of this.rings) {
      if ((this.#ringDue.get(ring) ?? 0) <= now) await this.#lookAtRing(ring, now);
    }
  }

  /** Folds the signals of a tick, and wakes what they change (workflows/watch.ts). @returns how many were refused */
  async hear(events: readonly SignalEvent[], now: number): Promise<number> {
    const result = await this.ledger.foldSignals(
      events.map((body) => ({ body, enqueuedAt: now })),
      now,
    );
    if (result.releases.some(({ reports }) => reports > 0)) await this.#wake(now);
    return result.rejected.length;
  }

  /** Notes what the daily inventories prove of devices at `now` (ms), by their ids. */
  async note(
    { installed, rolledBack }: { readonly installed: readonly string[]; readonly rolledBack: readonly string[] },
    now: number,
  ): Promise<void> {
    const changed =
      (await this.ledger.noteOutcomes(this.release.id, installed, SignalKind.installed, now)) +
      (await this.ledger.noteOutcomes(this.release.id, rolledBack, SignalKind.rolledBack, now));
    if (changed > 0) await this.#wake(now);
  }

  /** Looks again at what new outcomes change. */
  async #wake(now: number): Promise<void> {
    if (this.release.state.phase === "ended") return;
    const facts = { release: this.release, rings: this.rings, summary: await this.summary() };
    if (decidesAnew(facts, now)) this.#releaseDue = now;
    for (const ring of this.rings) if (reachesItsEnd(ring, facts.summary, now)) this.#ringDue.set(ring.ring, now);
    await this.lookAt(now);
  }

  summary(): Promise<ReleaseSummary> {
    return this.ledger.summary(this.release.id);
  }

  async #lookAtRelease(now: number): Promise<void> {
    await this.#examine(now);
    await this.#safeguard(now);
    const facts = { release: this.release, rings: this.rings, summary: await this.summary() };
    const commands = this.#commands.filter(
      ({ key, command }) => command.at <= now && !this.release.handled.includes(key),
    );
    const news = newsFrom(facts, this.#lettersOf, commands, await this.#checkInsNow(facts, now));
    const { release, letters, decisions, questions } = advanceRelease(this.release, news, now);
    this.release = release;
    this.decisions.push(...decisions);
    this.#post(letters, now);
    this.questions.push(...questions);
    for (const question of questions) this.#timeOut(question);
    const later = this.#commands.map(({ command }) => command.at).filter((at) => at > now);
    const next = hasUnsettledLikelyIssues(release) ? now : nextLookAt(release, now);
    this.#releaseDue = Math.min(next, ...later);
  }

  /** Nobody answers here: in time the configured answer is taken (shared/approvals/questions.ts). */
  #timeOut(question: Question): void {
    const { id, kind, at } = question;
    const { hours, answer } = timeOutOf(question);
    if (answer !== "pause") return;
    const command = { kind: "servicePause", at: at + hours * HOUR_MS, reason: `${kind} without an answer` } as const;
    this.#commands.push({ key: id, actor: SERVICE, command });
  }

  /** The concurrent control, as workflows/activities/check-ins.ts takes it. */
  async #checkInsNow(facts: ReleaseFacts, at: number): Promise<MeasuredCheckIns | null> {
    if (!needsCheckIns(this.release, startedDevices(facts.summary, this.rings), at)) return null;
    const others = (await this.#devices()).filter(({ state }) => state === "notOffered");
    const ids = others.map(({ deviceId }) => deviceId);
    const currentHours = hoursAway(ids, this.#tenant.lastSyncs(), at) ?? this.surveyed.at(-1) ?? null;
    const usualHours = this.surveyed[0] ?? null;
    if (currentHours === null || usualHours === null) return { at, control: null };
    return { at, control: { usualHours, currentHours } };
  }

  /** The daily survey notes how long the devices have been away (shared/registration/check-ins.ts). */
  survey(now: number): void {
    const syncs = this.#tenant.lastSyncs();
    const hours = hoursAway(syncs.keys(), syncs, now);
    if (hours !== null) this.surveyed.push(Math.round(10 * hours) / 10);
  }

  #post(letters: Advance["letters"], now: number): void {
    for (const { ring, ...letter } of letters) {
      this.#letters.set(ring, [...this.#lettersOf(ring), letter]);
      this.#ringDue.set(ring, now);
    }
  }

  /** Tests the cohorts before failures count against everybody, and holds what is found (workflows/holds.ts). */
  async #examine(now: number): Promise<void> {
    const gate = examinationDue(this.release, await this.#steps(), now);
    if (gate === null) return;
    const devices = await this.#devices();
    const examination = examineDevices(devices, examinationOf(this.release, [], gate));
    const { release, decisions } = withExamination(this.release, examination, now);
    this.release = release;
    this.decisions.push(...decisions);
    for (const hold of unsettledHolds(release)) await this.#settle(hold, devices, now);
    this.release = withExamined(this.release, await this.#steps());
  }

  /** Holds likely issues before their rings open, and lets them go (workflows/holds.ts). */
  async #safeguard(now: number): Promise<void> {
    if (hasUnsettledLikelyIssues(this.release)) {
      const waiting = await likelyIssues.free(this.ledger, this.release.id);
      const { release, letters } = withFreedLikelyIssues(this.release, waiting, now);
      this.release = release;
      this.#post(letters, now);
      return;
    }
    const summary = await this.summary();
    const news = { offers: offersOf(this.rings, summary), steps: await this.#steps() };
    const rings = ringsToSafeguard(this.release, news, now);
    if (rings.length === 0) return;
    const { p0, p0Variation } = this.release.history;
    const input = { rings, uninstalled: [], pTol: toleratedRate(p0, p0Variation) };
    const found = await likelyIssues.hold(this.ledger, this.release.id, input);
    const { release, decisions } = withLikelyIssues(this.release, found, now);
    this.release = release;
    this.decisions.push(...decisions);
  }

  async #settle(hold: CohortHold, devices: readonly DeviceRow[], now: number): Promise<void> {
    const concerned = holdDevices(hold, devices, []);
    await noteHold(this.ledger, this.release.id, hold, concerned);
    const groupId = hold.ended === null ? `hold ${hold.id}` : hold.groupId;
    if (hold.ended === null) this.#waves.hold(`hold ${hold.id}`, concerned.held);
    const { release, letters } = withSettled(this.release, hold, { ...concerned, groupId }, now);
    this.release = release;
    this.#post(letters, now);
  }

  async #steps() {
    return stepsOf(await this.summary(), this.rings, this.release.history);
  }

  #devices(): Promise<DeviceRow[]> {
    return this.ledger.devices(this.release.id);
  }

  readonly #lettersOf = (ring: string): readonly RingLetter[] => this.#letters.get(ring) ?? [];

  async #lookAtRing(name: string, now: number): Promise<void> {
    const before = this.#ring(name);
    const letters = this.#lettersOf(name).filter((letter) => hasNews(before, [letter]));
    const counts = (await this.summary()).rings[name];
    const progress: RingEvent[] = counts === undefined ? [] : [{ type: "progress", at: now, counts }];
    this.#put(name, [...letters.map(({ event }) => event), ...progress]);
    this.#change(name, { seen: [...before.seen, ...letters.map(({ key }) => key)] });
    let action = ringStep(this.#ring(name).state, now);
    for (; action.kind !== "wait" && action.kind !== "done"; action = ringStep(this.#ring(name).state, now)) {
      await this.#perform(name, action, now);
    }
    const after = this.#ring(name);
    const ended = after.state.phase === "ended";
    if (ended) this.#change(name, { endedAt: after.endedAt ?? now });
    const until = action.kind === "wait" ? (action.until ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    this.#ringDue.set(name, ended ? Number.POSITIVE_INFINITY : Math.min(until, now + RING_BACKSTOP_MS));
    const moved = before.state.phase !== after.state.phase;
    if (!moved && !(ended && letters.length > 0)) return;
    this.#releaseDue = now;
    if (this.release.state.phase !== "ended") await this.#lookAtRelease(now);
  }

  async #perform(name: string, action: Exclude<RingAction, { kind: "wait" | "done" }>, now: number): Promise<void> {
    switch (action.kind) {
      case "openWave":
        this.#put(name, [{ type: "policyOpened", at: now }]);
        await this.#open(name, action, now);
        await this.#exclude(name, exclusionsOf(this.#ring(name).state, action.last), now);
        this.#put(name, [{ type: "waveOpened", wave: action.wave, at: now }]);
        this.#change(name, { openedAt: this.#ring(name).openedAt ?? now });
        return;
      case "suspend":
      case "approve":
        this.#tenant.approve(name, this.release.update, action.kind === "approve");
        this.#put(name, [{ type: action.kind === "approve" ? "approved" : "suspended", at: now }]);
        return;
      case "exclude":
        if (action.wave !== null) await this.#open(name, { wave: action.wave, devices: null, last: true }, now);
        await this.#exclude(name, action.groups, now);
        return;
      case "finish":
        this.#put(name, [{ type: "finished", at: now }]);
        return;
      case "withdraw":
        this.#tenant.withdraw(await this.#devicesOf(name), this.release.update);
        this.#put(name, [{ type: "withdrawn", at: now }]);
        return;
      default:
        throw new Error(`Ring ${name} is to ${action.kind}, which only the full stack can do.`);
    }
  }

  /** Leaves hold groups out of what the ring is offered, and lets others in again. */
  async #exclude(name: string, groups: readonly string[], now: number): Promise<void> {
    const before = this.#ring(name).state.excludedGroups;
    this.#waves.exclude(await this.#devicesOf(name, !this.#isStanding), { groups, before }, now);
    this.#put(name, [{ type: "excluded", at: now, groups, wave: null }]);
  }

  async #open(name: string, action: OpenWave, now: number): Promise<void> {
    const { wave, devices, last } = action;
    const size = (await this.summary()).rings[name]?.size ?? 0;
    const count = devices ?? waveCounts(size, this.#ring(name).state.plan.waves)[wave] ?? 0;
    const choose = last ? ("rest" as const) : { count };
    const { objectIds } = await this.ledger.offerWave(this.release.id, name, wave, choose, new Date(now).toISOString());
    const marked = objectIds.flatMap((objectId) => this.#objects.get(objectId) ?? []);
    const deviceIds = this.#isStanding ? await this.#devicesOf(name) : marked;
    this.#waves.open({ ring: name, deviceIds, isWhole: wave === 0 && last }, now);
  }

  /** A policy of the ring offers the update, to all of the ring. */
  get #isStanding(): boolean {
    return workloadFor(this.release.update).offers === Offers.standing;
  }

  async #devicesOf(name: string, offered = false): Promise<string[]> {
    const own = (await this.#devices()).filter(({ ring, wave }) => ring === name && (!offered || wave !== undefined));
    return own.map(({ deviceId }) => deviceId);
  }

  #ring(name: string): ReleaseRing {
    const found = this.rings.find(({ ring }) => ring === name);
    if (found === undefined) throw new Error(`The release has no ring ${name}.`);
    return found;
  }

  #put(name: string, events: readonly RingEvent[]): void {
    this.#change(name, { state: events.reduce(applyRingEvent, this.#ring(name).state) });
  }

  #change(name: string, patch: Partial<ReleaseRing>): void {
    const at = this.rings.findIndex(({ ring }) => ring === name);
    this.rings[at] = { ...this.#ring(name), ...patch };
  }
}
