import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, StartError } from "../start-error.js";
import { issueText } from "./issue.js";

const FILE = "local.settings.json";

const schema = z.object({
  IsEncrypted: z.literal(false, { error: "encrypted settings are not supported; expected false" }).optional(),
  Values: z.record(z.string(), z.string()).default({}),
  ConnectionStrings: z.record(z.string(), z.unknown()).default({}),
  Host: z
    .object({
      LocalHttpPort: z.int().min(0).max(65_535).optional(),
      CORS: z.string().optional(),
      CORSCredentials: z.boolean().default(false),
    })
    .prefault({}),
});

export type LocalSettings = z.infer<typeof schema>;

/** Reads local.settings.json of the app; a missing file means defaults. Throws a StartError that names the field. */
export function readLocalSettings(dir: string): LocalSettings {
  const path = join(dir, FILE);
  if (!existsSync(path)) return schema.parse({});
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new StartError(FILE, `not valid JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { path: field, problem } = issueText(parsed.error);
  throw new StartError(`${FILE}: ${field}`, problem);
}

/** Puts `Values` into the environment where they are not set yet. */
export function applyValues(settings: LocalSettings, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(settings.Values)) env[name] ??= value;
}
