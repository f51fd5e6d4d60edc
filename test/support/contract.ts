import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";

type Json = { readonly [name: string]: unknown };
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Json }>>>>;
  readonly components: Json;
}

/** What answers to calls of the API have to be, as the app's own openapi.json says. */
export class Contract {
  readonly #document: Document;
  readonly #ajv: Ajv2020;

  constructor(document: unknown) {
    this.#document = document as Document;
    this.#ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    this.#ajv.addSchema({ $id: "api", ...(document as AnySchemaObject) });
  }

  /** What is wrong with an answer; undefined when nothing is. */
  problemOf(
    call: { readonly method: string; readonly path: string },
    answer: Response,
    text: string,
  ): string | undefined {
    const { status } = answer;
    // The host itself refuses calls without a key, and says nothing.
    if (status === 401 && text === "") return undefined;
    const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
    const at = this.#responsePointer(call, status);
    if (at === undefined) return `status ${status} is not described`;
    const content = this.#at(at)?.content as Json | undefined;
    if (content === undefined) return text === "" ? undefined : "a body is not described";
    if (!(type in content)) return `content type ${type} is not described`;
    if (!type.endsWith("json")) return undefined;
    const pointer = `${at}/content/${pointerPart(type)}/schema`;
    const validate = this.#ajv.getSchema(`api#${pointer}`);
    if (validate === undefined) return `there is no schema at ${pointer}`;
    if (validate(JSON.parse(text))) return undefined;
    const errors = (validate.errors ?? []).slice(0, 5);
    return errors
      .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
      .join("; ");
  }

  #responsePointer({ method, path }: { method: string; path: string }, status: number): string | undefined {
    const template = this.#templateOf(path, method.toLowerCase());
    if (template === undefined) {
      return status === 404 || status === 405 || status === 401 || status === 429 || status === 403
        ? "/components/responses/Refusal404"
        : undefined;
    }
    const operation = this.#document.paths[template]?.[method.toLowerCase()];
    const response = operation?.responses[status] as { $ref?: string } | undefined;
    if (response === undefined) return undefined;
    return (
      response.$ref?.replace("#", "") ?? `/paths/${pointerPart(template)}/${method.toLowerCase()}/responses/${status}`
    );
  }

  /** The template of a path that takes the method; one without parameters before one with. */
  #templateOf(path: string, method: string): string | undefined {
    const given = path.split("/").map(decodeURIComponent);
    const fits = (template: string) => {
      const parts = template.split("/");
      return parts.length === given.length && parts.every((part, i) => part.startsWith("{") || part === given[i]);
    };
    const templates = Object.keys(this.#document.paths).filter(
      (template) => fits(template) && this.#document.paths[template]?.[method] !== undefined,
    );
    return templates.sort((a, b) => a.split("{").length - b.split("{").length)[0];
  }

  #at(pointer: string): Json | undefined {
    const names = pointer
      .split("/")
      .slice(1)
      .map((name) => decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~"));
    return names.reduce<unknown>((value, name) => (value as Json | undefined)?.[name], this.#document) as
      | Json
      | undefined;
  }
}

const pointerPart = (name: string): string => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));

/** Apps of one build say the same, and a contract keeps the validators that it has compiled. */
const known = new Map<string, Contract>();

function contractOf(document: string): Contract {
  const contract = known.get(document) ?? new Contract(JSON.parse(document));
  known.set(document, contract);
  return contract;
}

const contracts = new Map<string, Promise<Contract>>();
const realFetch = globalThis.fetch;

/**
 * From now on every call that this process makes of the API at `url` fails unless its answer is as openapi.json says,
 * whoever makes it.
 */
export function holdToContract(url: string, functionKey: string): void {
  const headers = { "x-functions-key": functionKey };
  contracts.set(
    url,
    realFetch(`${url}/api/v1/openapi.json`, { headers }).then(async (answer) => contractOf(await answer.text())),
  );
  globalThis.fetch = checkedFetch;
}

async function checkedFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const answer = await realFetch(input, init);
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
  const contract = contracts.get(origin);
  if (contract === undefined || !pathname.startsWith("/api/v1")) return answer;
  const call = { method: init?.method ?? "GET", path: pathname };
  const problem = (await contract).problemOf(call, answer, await answer.clone().text());
  if (problem === undefined) return answer;
  throw new Error(`${call.method} ${pathname} answered ${answer.status} otherwise than openapi.json says: ${problem}`);
}
