import { z } from "zod";
import { type RingSettings, ringSettingsSchema } from "../groups/ring.js";
import { type AppendLog, appendLog } from "../store/append-log.js";
import { table } from "../store/tables.js";
import type { RingEvent } from "./ring-events.js";

/** An event for a ring's orchestrator, kept until it has been applied. */
export interface RingLetter {
  /** Unique in the ring: what caused the event. */
  readonly key: string;
  readonly event: RingEvent;
  /** With new dates: the settings they come from. */
  readonly settings?: RingSettings | undefined;
}

const letterSchema: z.ZodType<RingLetter> = z.object({
  key: z.string().min(1),
  event: z.custom<RingEvent>((value) => z.object({ type: z.string(), at: z.number() }).safeParse(value).success),
  settings: ringSettingsSchema.optional(),
});

/** Puts an event into a ring's inbox; the same (at, key) twice is one event. */
export async function postToRing(releaseId: string, ring: string, letter: RingLetter): Promise<void> {
  await (await log()).append(streamOf(releaseId, ring), letter.event.at, letter.key, letter);
}

/** Everything ever posted to a ring, oldest first. */
export async function lettersOf(releaseId: string, ring: string): Promise<RingLetter[]> {
  const letters: RingLetter[] = [];
  for await (const { body } of (await log()).read(streamOf(releaseId, ring))) letters.push(body);
  return letters;
}

function streamOf(releaseId: string, ring: string): string {
  return `${releaseId} ${ring}`;
}

async function log(): Promise<AppendLog<RingLetter>> {
  return appendLog(await table("RingInbox"), letterSchema);
}
