import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { describeChanges, type PlannedChange } from "./groups-file/describe.js";
import { GroupFileText } from "./groups-file/file-text.js";
import { problemLines, unreachableLine } from "./groups-file/problems.js";

const USAGE = `Usage: groups plan|apply FILE [options]
  plan   shows the difference between the file (YAML or JSON) and the tenant
  apply  makes the Autopatch groups what the file says
  --url URL   address of the app (default http://127.0.0.1:7071)
  --key KEY   function key (default: RINGMASTER_KEY of the environment); "npm start" prints it behind "?code="
  --token TOKEN  bearer token of a person (default: RINGMASTER_TOKEN of the environment)
  --prune     also delete the groups that the file does not have
  --json      the answer as one JSON object`;

/** One line for people on standard error, and how the command ends. */
class Refusal extends Error {
  readonly exitCode: 1 | 2;
  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

function argumentsOf(argv: readonly string[]) {
  const options = {
    url: { type: "string", default: "http://127.0.0.1:7071" },
    key: { type: "string", default: process.env.RINGMASTER_KEY ?? "" },
    token: { type: "string", default: process.env.RINGMASTER_TOKEN ?? "" },
    prune: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [act, file, ...rest] = positionals;
    if (values.help) return undefined;
    if ((act !== "plan" && act !== "apply") || file === undefined || rest.length > 0)
      throw new Error("say plan or apply, and one file");
    const verb: "plan" | "apply" = act;
    return { ...values, act: verb, file };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Refusal(`groups: ${reason} (--help lists the options)`, 2);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refusal(`groups: ${file} cannot be read: ${error instanceof Error ? error.message : error}`, 1);
  }
}

async function run(argv: readonly string[]): Promise<void> {
  const given = argumentsOf(argv);
  if (given === undefined) return console.log(USAGE);
  const { act, file, url, key, token, prune, json } = given;
  const text = new GroupFileText(file, read(file));
  if (text.errors.length > 0) throw new Refusal(text.errors.join("\n"), 1);
  const response = await send(addressOf(url, act), { key, token }, { ...text.value, ...(prune && { prune }) });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) {
    if (json) console.log(JSON.stringify(body));
    throw new Refusal(problemLines(text, body, response.status).join("\n"), 1);
  }
  const { changes } = body as { changes: readonly PlannedChange[] };
  console.log(json ? JSON.stringify(body) : describeChanges(changes, act).join("\n"));
}

function addressOf(url: string, act: string): URL {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new Refusal(`groups: --url takes an address such as http://127.0.0.1:7071, not '${url}'.`, 2);
  return new URL(`/api/v1/groups/${act}`, url);
}

async function send(
  url: URL,
  { key, token }: { readonly key: string; readonly token: string },
  body: unknown,
): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(key !== "" && { "x-functions-key": key }),
    ...(token !== "" && { authorization: `Bearer ${token}` }),
  };
  try {
    return await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  } catch (error) {
    throw new Refusal(unreachableLine(url.origin, error), 1);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof Refusal ? error.exitCode : 1;
}
