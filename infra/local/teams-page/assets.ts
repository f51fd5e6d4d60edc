import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { dataFile } from "../../../shared/data-file.js";

const WEB = "infra/local/teams-page/web";
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};
const OWN = [
  "page.html",
  "theme.css",
  "page.css",
  "cards.css",
  "main.js",
  "api.js",
  "messages.js",
  "cards.js",
  "markdown.js",
  "toasts.js",
];

export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

/** A file of the page by its name; the renderer of cards is the package's own. Undefined when there is none. */
export function asset(name: string): Asset | undefined {
  const type = TYPES[name.split(".").at(-1) ?? ""];
  if (type === undefined) return undefined;
  if (OWN.includes(name)) return { type, content: readFileSync(dataFile(`${WEB}/${name}`)) };
  if (name !== "adaptivecards.js") return undefined;
  const folder = dirname(createRequire(import.meta.url).resolve("adaptivecards/package.json"));
  return { type, content: readFileSync(join(folder, "dist", "adaptivecards.min.js")) };
}
