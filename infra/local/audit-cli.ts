import { type Anchor, type ChainedEntry, type ChainReport, verifyChain } from "../../shared/audit/chain.js";
import { command, flag, text, UsageError } from "./args.js";

const options = {
  month: text("month of the log, as YYYY-MM (default: the app's present month)", "MONTH"),
  anchor: text("number and hash of an entry that somebody noted, as SEQ:HASH: nothing up to it may differ", "ANCHOR"),
  url: text("address of the app (default http://127.0.0.1:7071)", "URL"),
  key: text('function key (default: RINGMASTER_KEY of the environment); "npm start" prints it behind "?code="', "KEY"),
  token: text("bearer token, where the key alone may not read (default: RINGMASTER_TOKEN of the environment)", "TOKEN"),
  json: flag("prints one JSON object"),
};

await command(
  "npm run audit --",
  options,
  async ({ month, anchor, url = "http://127.0.0.1:7071", key, token, json }) => {
    const noted = anchor === undefined ? undefined : anchorOf(anchor);
    const report = verifyChain(await entries(url, headersOf(key, token), month), noted);
    console.log(json ? JSON.stringify(report) : lines(report).join("\n"));
    return report.broken === null ? 0 : 1;
  },
);

function anchorOf(given: string): Anchor {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(given) ?? [];
  if (seq === undefined || hash === undefined) throw new UsageError(`--anchor takes SEQ:HASH, not '${given}'`);
  return { seq: Number(seq), hash };
}

function headersOf(
  key = process.env.RINGMASTER_KEY ?? "",
  token = process.env.RINGMASTER_TOKEN ?? "",
): Record<string, string> {
  return {
    ...(key === "" ? {} : { "x-functions-key": key }),
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
  };
}

async function entries(
  url: string,
  headers: Record<string, string>,
  month: string | undefined,
): Promise<ChainedEntry[]> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new UsageError(`--url takes an address, not '${url}'`);
  const entries: ChainedEntry[] = [];
  let next: string | undefined =
    `/api/v1/audit?top=1000${month === undefined ? "" : `&month=${encodeURIComponent(month)}`}`;
  while (next !== undefined) {
    const page: Page = await pageAt(new URL(next, url), headers);
    entries.push(...page.value);
    next = page.nextLink;
  }
  return entries;
}

interface Page {
  readonly value: readonly ChainedEntry[];
  readonly nextLink?: string;
}

async function pageAt(address: URL, headers: Record<string, string>): Promise<Page> {
  const response = await fetch(address, { headers }).catch((error) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(`${address.origin} cannot be reached (${cause}). Start the app, or name its address with --url.`);
  });
  const body = (await response.json().catch(() => ({}))) as Partial<Page> & { readonly detail?: string };
  if (response.ok && body.value !== undefined) return { ...body, value: body.value };
  throw new Error(`The app answered ${response.status}: ${body.detail ?? "give the function key with --key"}`);
}

function lines({ entries: linked, unchained, head, begins, broken }: ChainReport): string[] {
  const older = unchained === 0 ? [] : [`${unchained} entries are older than the chain; nothing protects them.`];
  if (broken !== null) {
    const where = broken.id === null ? "" : ` (${broken.id})`;
    return [...older, `The audit log was changed: entry ${broken.seq}${where}: ${broken.problem}.`];
  }
  if (head === null) return [...older, "There are no entries in this month."];
  return [
    ...older,
    `${linked} entries, each as it was written, none missing. They follow ${begins}.`,
    `Note this where nobody can change it, and give it with --anchor next time: ${head.seq}:${head.hash}`,
  ];
}
