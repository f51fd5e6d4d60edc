import { z } from "zod";
import type { RingTarget } from "../graph/offering/types.js";
import { type RingSettings, ringSettingsSchema } from "../groups/ring.js";
import { type AppendLog, appendLog } from "../store/append-log.js";
import { table } from "../store/tables.js";
import type { RingEvent } from "./ring-events.js";
import { ringTargetSchema } from "./target.js";

/** An event for a ring's orchestrator, kept until it has been applied. */
export interface RingLetter {
  /** Unique in the ring: what caused the event. */
  readonly key: string;
  readonly event: RingEvent;
  /** With new dates: the settings they come from. */
  readonly settings?: RingSettings | undefined;
  /** With `retargeted`: what the ring's offers go to from now on. */
  readonly target?: RingTarget | undefined;
}

interface Posted extends RingLetter {
  readonly ring: string;
}

const postedSchema: z.ZodType<Posted> = z.object({
  ring: z.string().min(1),
  key: z.string().min(1),
  event: z.custom<RingEvent>((value) => z.object({ type: z.string(), at: z.number() }).safeParse(value).success),
  settings: ringSettingsSchema.optional(),
  target: ringTargetSchema.optional(),
});

/** Puts an event into a ring's inbox; the same (at, key) twice is one event. */
export async function postToRing(releaseId: string, ring: string, letter: RingLetter): Promise<void> {
  await (await log()).append(releaseId, letter.event.at, `${ring} ${letter.key}`, { ...letter, ring });
}

/** Everything ever posted to the rings of a release, by ring, oldest first: one query. */
export async function inboxOf(releaseId: string): Promise<(ring: string) => readonly RingLetter[]> {
  const letters: Posted[] = [];
  for await (const { body } of (await log()).read(releaseId)) letters.push(body);
  return (ring) => letters.filter((letter) => letter.ring === ring);
}

async function log(): Promise<AppendLog<Posted>> {
  return appendLog(await table("RingInbox"), postedSchema);
}
