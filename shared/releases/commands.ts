import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type MonitoringRule, monitoringRuleSchema } from "../groups/group.js";
import { type AppendLog, appendLog } from "../store/append-log.js";
import { table } from "../store/tables.js";
import { wall } from "../wall.js";
import type { ExpediteOrder } from "./expedite.js";
import { type HoldCommand, MOST_EXEMPT } from "./holds.js";
import type { ReleaseCommand } from "./release-commands.js";

/**
 * What a person or a newer release decides about a release. It is written first and the orchestration is woken after,
 * so that a lost event delays a command but never loses it.
 */
export interface LoggedCommand {
  /** Unique; the same key at the same time is the same command. */
  readonly key: string;
  readonly actor: { readonly id: string; readonly name: string };
  readonly command: ReleaseCommand | HoldCommand | MonitoringCommand | ServicePauseCommand | ExpediteOrder;
}

/**
 * A key for a new command. Commands of one instant of domain time are obeyed in the order of their keys, which is that
 * of their arrival.
 */
export function commandKey(): string {
  return `${String(wall.now()).padStart(13, "0")}-${randomUUID()}`;
}

/** Sets the one monitoring rule of a running release, or deletes it (autopatch.md §5.12). */
export interface MonitoringCommand {
  readonly kind: "setMonitoringRule";
  readonly at: number;
  readonly rule: MonitoringRule | null;
  /** Refused where a rule is active already; without it the rule is replaced. */
  readonly create?: boolean | undefined;
}

/** The service pauses all rings, because nobody decided about a hold in time. */
export interface ServicePauseCommand {
  readonly kind: "servicePause";
  readonly at: number;
  readonly reason: string;
}

const holdSchema: z.ZodType<HoldCommand> = z.union([
  z.object({
    kind: z.literal("releaseHold"),
    at: z.number(),
    by: z.string(),
    holdId: z.string(),
    justification: z.string().optional(),
  }),
  z.object({
    kind: z.enum(["exemptDevices", "withdrawExemption"]),
    at: z.number(),
    by: z.string(),
    holdId: z.string(),
    deviceIds: z.array(z.string()).max(MOST_EXEMPT),
    justification: z.string().optional(),
  }),
  z.object({ kind: z.literal("supersedeHolds"), at: z.number(), by: z.string() }),
]);

const order = { at: z.number(), by: z.string(), expediteId: z.string(), justification: z.string().optional() };
const expediteSchema: z.ZodType<ExpediteOrder> = z.union([
  z.object({ kind: z.literal("expedite"), rebootDays: z.int().min(0).max(2).nullable(), ...order }),
  z.object({ kind: z.literal("endExpedite"), ...order }),
]);

const loggedSchema: z.ZodType<LoggedCommand> = z.object({
  key: z.string().min(1),
  actor: z.object({ id: z.string(), name: z.string() }),
  command: z.union([
    z.object({
      kind: z.literal("setMonitoringRule"),
      at: z.number(),
      rule: monitoringRuleSchema.nullable(),
      create: z.boolean().optional(),
    }),
    z.object({ kind: z.literal("servicePause"), at: z.number(), reason: z.string() }),
    holdSchema,
    expediteSchema,
    z.custom<ReleaseCommand>((value) => z.object({ kind: z.string(), at: z.number() }).safeParse(value).success),
  ]),
});

/** Adds a command to the release's log; the same (at, key) twice is one command. */
export async function logCommand(releaseId: string, logged: LoggedCommand): Promise<void> {
  await (await log()).append(releaseId, logged.command.at, logged.key, logged);
}

/** All commands ever given to a release, oldest first. */
export async function commandsOf(releaseId: string): Promise<LoggedCommand[]> {
  const commands: LoggedCommand[] = [];
  for await (const { body } of (await log()).read(releaseId)) commands.push(body);
  return commands;
}

async function log(): Promise<AppendLog<LoggedCommand>> {
  return appendLog(await table("Commands"), loggedSchema);
}
