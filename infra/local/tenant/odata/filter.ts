import { badRequest } from "../graph/errors.js";
import { type Token, tokens } from "./tokens.js";

export type Literal = string | number | boolean | null;
export type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";
export type TextFunction = "startswith" | "endswith" | "contains";

/** A parsed `$filter`. */
export type FilterNode =
  | { readonly kind: "and" | "or"; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: "not"; readonly inner: FilterNode }
  | { readonly kind: "isof"; readonly type: string }
  | { readonly kind: "text"; readonly name: TextFunction; readonly path: string; readonly value: string }
  | { readonly kind: "in"; readonly path: string; readonly values: readonly Literal[] }
  | { readonly kind: "any"; readonly path: string; readonly value: Literal }
  | { readonly kind: "compare"; readonly path: string; readonly operator: Comparison; readonly value: Literal };

const COMPARISONS = new Set(["eq", "ne", "gt", "ge", "lt", "le"]);
const TEXT_FUNCTIONS = new Set(["startswith", "endswith", "contains"]);

/** Parses the supported part of OData's filter language. Throws 400 for anything else. */
export function parseFilter(text: string): FilterNode {
  const parser = new Parser(text);
  return parser.parse();
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(private readonly source: string) {
    this.#tokens = tokens(source);
  }

  parse(): FilterNode {
    const node = this.#or();
    if (this.#at < this.#tokens.length) throw this.#error();
    return node;
  }

  #or(): FilterNode {
    let left = this.#and();
    while (this.#accept("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): FilterNode {
    let left = this.#unary();
    while (this.#accept("and")) left = { kind: "and", left, right: this.#unary() };
    return left;
  }

  #unary(): FilterNode {
    if (this.#accept("not")) return { kind: "not", inner: this.#unary() };
    if (this.#accept("(")) {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const word = this.#word();
    const name = word.toLowerCase();
    if (this.#accept("(")) return this.#call(word, name);
    if (this.#accept("in")) return { kind: "in", path: word, values: this.#literals() };
    const operator = this.#word().toLowerCase();
    if (!COMPARISONS.has(operator)) throw this.#error();
    return { kind: "compare", path: word, operator: operator as Comparison, value: this.#literal() };
  }

  #call(word: string, name: string): FilterNode {
    if (name.endsWith("/any")) return this.#any(word.slice(0, -"/any".length));
    const first = this.#next().text;
    if (name === "isof") {
      this.#expect(")");
      return { kind: "isof", type: first };
    }
    if (!TEXT_FUNCTIONS.has(name)) throw badRequest(`Invalid filter clause: unknown function '${word}'.`);
    this.#expect(",");
    const value = this.#next().text;
    this.#expect(")");
    return { kind: "text", name: name as TextFunction, path: first, value };
  }

  /** `path/any(x:x eq 'value')` */
  #any(path: string): FilterNode {
    const head = this.#word();
    if (head.includes(":")) throw this.#error();
    this.#expect(":");
    if (this.#word() !== head || this.#word() !== "eq") throw this.#error();
    const value = this.#literal();
    this.#expect(")");
    return { kind: "any", path, value };
  }

  #literals(): Literal[] {
    this.#expect("(");
    const values = [this.#literal()];
    while (this.#accept(",")) values.push(this.#literal());
    this.#expect(")");
    return values;
  }

  #literal(): Literal {
    const { kind, text } = this.#next();
    if (kind === "string") return text;
    if (kind === "symbol") throw this.#error();
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }

  #word(): string {
    const token = this.#next();
    if (token.kind !== "word") throw this.#error();
    return token.text;
  }

  #next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#error();
    return token;
  }

  #accept(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === "string" || token.text.toLowerCase() !== text) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#error();
  }

  #error(): Error {
    return badRequest(`Invalid filter clause: syntax error in '${this.source}'.`);
  }
}
