/** One segment of a path: a name, and the named arguments of a function or alternate key. */
export interface Segment {
  readonly name: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** Splits a path; `groups('1')` and `groups(1)` become the two segments `groups` and `1` (graph.md §1.0). */
export function segmentsOf(path: string): Segment[] {
  return path
    .split("/")
    .filter((part) => part !== "")
    .flatMap((part) => segment(decodeURIComponent(part)));
}

function segment(text: string): Segment[] {
  const call = /^([^()]+)\((.*)\)$/.exec(text);
  if (call === null) return [{ name: text }];
  const [, name = "", inner = ""] = call;
  if (inner === "") return [{ name }];
  if (inner.startsWith("'") || !inner.includes("=")) return [{ name }, { name: unquote(inner) }];
  const args = inner.match(/(?:[^,']|'(?:[^']|'')*')+/g) ?? [];
  return [{ name, args: Object.fromEntries(args.map(namedArgument)) }];
}

function namedArgument(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at).trim().toLowerCase(), unquote(text.slice(at + 1).trim())];
}

function unquote(text: string): string {
  return text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

/** A compiled route path: per segment a literal, a parameter, or a call with named arguments. */
export interface PathPattern {
  readonly length: number;
  match(segments: readonly Segment[]): Record<string, string> | undefined;
}

export function compile(path: string): PathPattern {
  const matchers = path.split("/").filter(Boolean).map(matcherOf);
  return {
    length: matchers.length,
    match: (segments) => {
      const params: Record<string, string> = {};
      const fits = matchers.every((matches, at) => {
        const found = segments[at];
        return found !== undefined && matches(found, params);
      });
      return fits ? params : undefined;
    },
  };
}

type Matcher = (found: Segment, params: Record<string, string>) => boolean;

function matcherOf(part: string): Matcher {
  const parameter = /^\{(\w+)\}$/.exec(part)?.[1];
  if (parameter !== undefined) {
    return (found, params) => {
      params[parameter] = found.name;
      return found.args === undefined && !found.name.startsWith("$");
    };
  }
  const call = /^([^(]+)\((.+)\)$/.exec(part);
  if (call === null) return (found) => found.args === undefined && sameName(found.name, part);
  const [, name = "", list = ""] = call;
  const wanted = list.split(",");
  return (found, params) => {
    if (found.args === undefined || !sameName(found.name, name)) return false;
    for (const argument of wanted) {
      const value = found.args[argument.replace("?", "").toLowerCase()];
      if (value === undefined && !argument.endsWith("?")) return false;
      if (value !== undefined) params[argument.replace("?", "")] = value;
    }
    return true;
  };
}

/** Names match in any case, plain or qualified: `updateAudience`, `microsoft.graph.windowsUpdates.updateAudience`. */
function sameName(found: string, wanted: string): boolean {
  const name = found.toLowerCase();
  const plain = wanted.toLowerCase();
  return name === plain || (name.startsWith("microsoft.graph.") && name.split(".").at(-1) === plain);
}
