import { constraint } from "./constraints.js";

/** Tests a path (without leading slash, still URL-encoded); the parameters, or undefined when it does not match. */
export type RouteMatcher = (path: string) => Readonly<Record<string, string>> | undefined;

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly catchAll: boolean;
  readonly fallback?: string;
  readonly tests: readonly ((value: string) => boolean)[];
}

type Part = string | Parameter;

interface Segment {
  readonly expression: RegExp;
  readonly parameters: readonly Parameter[];
}

/**
 * Compiles a route template: literals, `{name}`, `{name?}`, `{name=default}`, `{name:constraint(...)}`, `{*rest}`,
 * several parts per segment (functions-host.md §5.4). Throws with what is wrong in it.
 */
export function compileRoute(template: string): RouteMatcher {
  const segments = splitSegments(template).map(parseSegment);
  const bad = segments.findIndex((segment, i) => i < segments.length - 1 && segment.parameters.some((p) => p.catchAll));
  if (bad !== -1) throw new Error("a catch-all parameter must be the last segment");
  return (path) => match(segments, splitPath(path));
}

function match(segments: readonly Segment[], path: readonly string[]): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const only = segment.parameters[0];
    if (only?.catchAll) {
      const rest = path.slice(i).join("/");
      if (rest !== "" || only.fallback !== undefined) values[only.name] = rest || (only.fallback ?? "");
      return only.tests.every((test) => test(rest)) ? values : undefined;
    }
    const text = path[i];
    if (text === undefined) {
      if (only === undefined || !(only.optional || only.fallback !== undefined)) return undefined;
      if (only.fallback !== undefined) values[only.name] = only.fallback;
    } else if (!take(segment, text, values)) return undefined;
  }
  return path.length > segments.length ? undefined : values;
}

function take({ expression, parameters }: Segment, text: string, values: Record<string, string>): boolean {
  const found = expression.exec(text);
  if (found === null) return false;
  return parameters.every(({ name, tests }, i) => {
    const value = found[i + 1] ?? "";
    values[name] = value;
    return tests.every((test) => test(value));
  });
}

/** Decoded segments; a slash at the end does not count. */
function splitPath(path: string): string[] {
  return path
    .split("/")
    .filter((part, i, all) => part !== "" || (i > 0 && i < all.length - 1))
    .map(decodePart);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Splits at slashes outside of braces. */
function splitSegments(template: string): string[] {
  const segments = [""];
  let depth = 0;
  for (const char of template.replace(/^\/+|\/+$/g, "")) {
    if (char === "{") depth++;
    if (char === "}") depth--;
    if (depth < 0) break;
    if (char === "/" && depth === 0) segments.push("");
    else segments[segments.length - 1] += char;
  }
  if (depth !== 0) throw new Error("its braces do not match");
  return segments.filter((segment, i, all) => segment !== "" || all.length > 1 || i > 0);
}

function parseSegment(segment: string): Segment {
  const parts = splitParts(segment);
  const parameters = parts.filter((part) => typeof part !== "string");
  if (parts.length > 1 && parameters.some((parameter) => parameter.catchAll || parameter.fallback !== undefined)) {
    throw new Error(`a catch-all or default parameter must fill its segment, not only a part of "${segment}"`);
  }
  const source = parts.map((part) => (typeof part === "string" ? escapeText(part) : part.optional ? "(.*?)" : "(.+?)"));
  return { expression: new RegExp(`^${source.join("")}$`, "i"), parameters };
}

/** Literal texts and parameters in turn; doubled braces inside of a parameter stand for single ones. */
function splitParts(segment: string): Part[] {
  const parts: Part[] = [];
  let rest = segment;
  while (rest !== "") {
    const open = rest.indexOf("{");
    if (open !== 0) parts.push(open === -1 ? rest : rest.slice(0, open));
    if (open === -1) break;
    const close = closingBrace(rest, open);
    parts.push(
      parseParameter(
        rest
          .slice(open + 1, close)
          .replaceAll("{{", "{")
          .replaceAll("}}", "}"),
      ),
    );
    rest = rest.slice(close + 1);
  }
  return parts;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error("its braces do not match");
}

function parseParameter(text: string): Parameter {
  const found = /^(\*{0,2})([A-Za-z_][\w-]*)((?::[^:=?(]+(?:\(.*?\)(?=$|[:=?]))?)*)(\?)?(?:=(.*))?$/s.exec(text);
  if (found === null) throw new Error(`"{${text}}" is no parameter`);
  const [, stars = "", name = "", constraints = "", question, fallback] = found;
  return {
    name,
    optional: question !== undefined,
    catchAll: stars !== "",
    tests: parseConstraints(constraints),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function parseConstraints(text: string): ((value: string) => boolean)[] {
  const items = text.match(/:[^:=?(]+(?:\(.*?\)(?=$|[:=?]))?/gs) ?? [];
  return items.map((item) => {
    const [, name = "", args] = /^:([^(]+)(?:\((.*)\))?$/s.exec(item) ?? [];
    const test = constraint(name.trim(), args);
    if (test === undefined) throw new Error(`constraint "${name}" is unknown`);
    return test;
  });
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
