import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import type { AdaptiveCard, Element } from "../../shared/cards/elements.js";

let validate: ValidateFunction | undefined;

/** What the official schema of adaptive cards 1.5 has against a card; empty: nothing. */
export function cardProblems(card: unknown): string[] {
  validate ??= compiled();
  validate(card);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compiled(): ValidateFunction {
  const file = fileURLToPath(new URL("../fixtures/adaptive-card-1.5.schema.json", import.meta.url));
  // Draft 6 calls it $id; this schema still has the older word.
  const { id: _id, ...schema } = JSON.parse(readFileSync(file, "utf8"));
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addMetaSchema(createRequire(import.meta.url)("ajv/dist/refs/json-schema-draft-06.json"));
  return ajv.compile(schema);
}

/** All texts of a card, for people who look for one. */
export function textsOf(card: Pick<AdaptiveCard, "body">): string[] {
  return card.body.flatMap(textsIn);
}

function textsIn(element: Element): string[] {
  switch (element.type) {
    case "TextBlock":
      return [element.text];
    case "RichTextBlock":
      return element.inlines.map(({ text }) => text);
    case "FactSet":
      return element.facts.map(({ title, value }) => `${title}: ${value}`);
    case "ColumnSet":
      return element.columns.flatMap(({ items }) => items.flatMap(textsIn));
    case "Container":
      return element.items.flatMap(textsIn);
    case "Input.Text":
      return [element.label];
  }
}

/** Verbs of a card's buttons, in order. */
export function verbsOf({ actions = [] }: Pick<AdaptiveCard, "actions">): string[] {
  return actions.flatMap((action) => (action.type === "Action.Execute" ? [action.verb] : []));
}
