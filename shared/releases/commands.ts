import { z } from "zod";
import { type AppendLog, appendLog, type LogRecord } from "../store/append-log.js";
import { table } from "../store/tables.js";

/**
 * What a person or a newer release decides about a release. Commands are written first and the orchestration is woken
 * after, so that a lost event delays a command but never loses it.
 */
export const commandSchema = z.object({
  /** Unique; repeating a command with the same key is the same command. */
  key: z.string().min(1),
  /** Domain time, ms. */
  at: z.number(),
  by: z.object({ id: z.string(), name: z.string() }),
  kind: z.enum(["pause", "resume", "extend", "rollBack", "cancel", "supersede", "setMonitoringRule"]),
  /** Rings the command is about; absent: the whole release. */
  rings: z.array(z.string()).optional(),
  justification: z.string().optional(),
  relatedToWindowsUpdate: z.boolean().optional(),
  details: z.string().optional(),
  /** For `supersede`: the newer release. */
  successor: z.string().optional(),
  /** For `setMonitoringRule`; null deletes the rule. */
  monitoringRule: z
    .object({
      signal: z.literal("rollback"),
      threshold: z.int().min(1).max(100),
      action: z.enum(["alertError", "pauseDeployment"]),
    })
    .nullable()
    .optional(),
});
export type ReleaseCommand = z.infer<typeof commandSchema>;

/** Adds a command to the release's log; the same (at, key) twice is one command. */
export async function addCommand(releaseId: string, command: ReleaseCommand): Promise<void> {
  await (await log()).append(releaseId, command.at, command.key, command);
}

/** All commands ever given to a release, oldest first. */
export async function commandsOf(releaseId: string): Promise<ReleaseCommand[]> {
  const commands: ReleaseCommand[] = [];
  for await (const { body } of (await log()).read(releaseId)) commands.push(body);
  return commands;
}

export type CommandRecord = LogRecord<ReleaseCommand>;

async function log(): Promise<AppendLog<ReleaseCommand>> {
  return appendLog(await table("Commands"), commandSchema);
}
