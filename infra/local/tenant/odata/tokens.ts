import { badRequest } from "../graph/errors.js";

export interface Token {
  readonly kind: "word" | "string" | "symbol";
  readonly text: string;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|([(),:])|(\d[^\s(),']*|[^\s(),':]+))/y;

/** Splits a filter into words, strings (without quotes) and symbols. A date such as 2026-01-01T00:00:00Z is one word. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw badRequest(`Invalid filter clause: syntax error at position ${at} in '${text}'.`);
    const [, quoted, symbol, word] = match;
    if (quoted !== undefined) found.push({ kind: "string", text: quoted.slice(1, -1).replaceAll("''", "'") });
    else if (symbol !== undefined) found.push({ kind: "symbol", text: symbol });
    else found.push({ kind: "word", text: word ?? "" });
  }
  return found;
}
