import { isMap, isSeq, LineCounter, type Node, parseDocument } from "yaml";

/** A file of settings as text: its value, and the line of every field. JSON is read as the YAML that it is. */
export class GroupFileText {
  readonly file: string;
  /** What the file says; meaningless when there are errors. */
  readonly value: Readonly<Record<string, unknown>>;
  /** One line each: file, line, and what is wrong with the syntax. */
  readonly errors: readonly string[];
  readonly #lines = new LineCounter();
  readonly #root: Node | null;

  /** @param content what the file has to be, for the error when it is no record of fields */
  constructor(file: string, text: string, content = "a list of groups under the key groups, and nothing else") {
    this.file = file;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.#root = document.contents;
    this.errors = document.errors.map(
      ({ message, pos }) => `${file}:${this.#lines.linePos(pos[0]).line}: ${message.split("\n")[0]}`,
    );
    if (this.errors.length === 0 && !isMap(this.#root)) this.errors = [`${file}:1: the file is ${content}`];
    this.value = this.errors.length === 0 ? (document.toJS() as Record<string, unknown>) : {};
  }

  /** Line of a field such as `groups[0].rings[1].name`; of what is nearest around it when it is not in the file. */
  lineOf(field: string): number {
    let node: unknown = this.#root;
    let offset = 0;
    for (const part of field.split(/[.[\]]+/).filter((piece) => piece !== "")) {
      const next = inside(node, part);
      if (next === undefined) break;
      node = next.value;
      offset = next.offset;
    }
    return this.#lines.linePos(offset).line;
  }
}

interface Place {
  readonly value: unknown;
  readonly offset: number;
}

/** A member by name, or an item by its place or, where items have names, by its name. */
function inside(node: unknown, part: string): Place | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(key) === part);
    return pair === undefined ? undefined : { value: pair.value, offset: startOf(pair.key) };
  }
  if (!isSeq(node)) return undefined;
  const item = /^\d+$/.test(part)
    ? node.items[Number(part)]
    : node.items.find((candidate) => isMap(candidate) && String(candidate.get("name")) === part);
  return item === undefined ? undefined : { value: item, offset: startOf(item) };
}

function startOf(node: unknown): number {
  return (node as Partial<Node> | null)?.range?.[0] ?? 0;
}
