/**
 * Tests paths against a glob as `main` may hold it: `*` and `?` within a segment, `**` over segments, `[...]` classes
 * and nested `{a,b}` alternatives. Both sides use `/`.
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const expressions = expandBraces(normalise(pattern)).map((plain) => new RegExp(`^${toExpression(plain)}$`));
  return (path) => expressions.some((expression) => expression.test(path));
}

/** A pattern's alternatives: plain ones are paths, the others start their search in `root`. */
export function globTargets(pattern: string): { path: string; root: string; wild: boolean }[] {
  return expandBraces(normalise(pattern)).map((path) => {
    const segments = path.split("/");
    const wild = segments.findIndex((segment) => /[*?[]/.test(segment));
    return { path, root: segments.slice(0, wild === -1 ? -1 : wild).join("/"), wild: wild !== -1 };
  });
}

function normalise(pattern: string): string {
  return pattern.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
}

/** Every way to choose one alternative of each brace group, left to right. */
function expandBraces(pattern: string): string[] {
  const open = pattern.indexOf("{");
  if (open === -1) return [pattern];
  const { close, commas } = matchingBrace(pattern, open);
  if (close === -1) return [pattern];
  const cuts = [open, ...commas, close];
  const alternatives = cuts.slice(1).map((cut, i) => pattern.slice((cuts[i] ?? 0) + 1, cut));
  const rests = expandBraces(pattern.slice(close + 1));
  return alternatives.flatMap((alternative) =>
    expandBraces(pattern.slice(0, open) + alternative).flatMap((head) => rests.map((rest) => head + rest)),
  );
}

function matchingBrace(pattern: string, open: number): { close: number; commas: number[] } {
  const commas: number[] = [];
  let depth = 0;
  for (let at = open; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "{") depth++;
    if (char === "," && depth === 1) commas.push(at);
    if (char === "}" && --depth === 0) return { close: at, commas };
  }
  return { close: -1, commas };
}

function toExpression(plain: string): string {
  const tokens = /\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|[^*?[]+|\[/g;
  return (plain.match(tokens) ?? []).map(tokenExpression).join("");
}

function tokenExpression(token: string): string {
  if (token === "**/") return "(?:[^/]+/)*";
  if (token === "**") return ".*";
  if (token === "*") return "[^/]*";
  if (token === "?") return "[^/]";
  if (token.length > 2 && token.startsWith("[")) return token.replace(/^\[!/, "[^");
  return token.replace(/[.+^${}()|[\]\\]/g, "\\$&");
}
