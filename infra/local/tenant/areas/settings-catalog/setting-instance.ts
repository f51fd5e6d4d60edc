import { z } from "zod";
import { badRequest } from "../../graph/errors.js";
import { readBody } from "../../odata/body.js";
import { type Definition, definitionOf, parentOf } from "./definitions.js";

const TYPE = "#microsoft.graph.deviceManagementConfiguration";

const simpleValue = z.discriminatedUnion("@odata.type", [
  z.looseObject({ "@odata.type": z.literal(`${TYPE}IntegerSettingValue`), value: z.int() }),
  z.looseObject({ "@odata.type": z.literal(`${TYPE}StringSettingValue`), value: z.string() }),
]);
const simple = z.looseObject({
  "@odata.type": z.literal(`${TYPE}SimpleSettingInstance`),
  settingDefinitionId: z.string(),
  simpleSettingValue: simpleValue,
});
const choice = z.looseObject({
  "@odata.type": z.literal(`${TYPE}ChoiceSettingInstance`),
  settingDefinitionId: z.string(),
  choiceSettingValue: z.looseObject({ value: z.string(), children: z.array(z.unknown()).default([]) }),
});
const instance = z.discriminatedUnion("@odata.type", [simple, choice]);
export const settingSchema = z.looseObject({ settingInstance: instance });

export type SettingInstance = z.infer<typeof instance>;
export type Setting = z.infer<typeof settingSchema>;

/**
 * Checks settings against the catalog: known ids, values that the definition allows, children where they belong.
 * Throws 400 naming the setting.
 */
export function checkSettings(settings: readonly Setting[]): void {
  for (const { settingInstance } of settings) checkInstance(settingInstance, undefined);
}

/** The number that one of the settings sets; undefined when it is not there. */
export function integerSetting(settings: readonly Setting[], id: string): number | undefined {
  for (const { settingInstance } of settings) {
    if (settingInstance.settingDefinitionId !== id || !("simpleSettingValue" in settingInstance)) continue;
    const { value } = (settingInstance as z.infer<typeof simple>).simpleSettingValue;
    if (typeof value === "number") return value;
  }
  return undefined;
}

/** The option that one of the settings chooses; undefined when it is not there. */
export function choiceSetting(settings: readonly Setting[], id: string): string | undefined {
  for (const { settingInstance } of settings) {
    if (settingInstance.settingDefinitionId !== id || !("choiceSettingValue" in settingInstance)) continue;
    return (settingInstance as z.infer<typeof choice>).choiceSettingValue.value;
  }
  return undefined;
}

function checkInstance(given: SettingInstance, below: string | undefined): void {
  const id = given.settingDefinitionId;
  const definition = definitionOf(id);
  if (definition === undefined) throw badRequest(`Setting definition '${id}' does not exist.`);
  if (parentOf(id)?.option !== below)
    throw badRequest(`Setting '${id}' does not belong below '${below ?? "the root"}'.`);
  if (given["@odata.type"] === `${TYPE}ChoiceSettingInstance`) checkChoice(given, definition);
  else checkSimple(given, definition);
}

function checkChoice(given: z.infer<typeof choice>, definition: Definition): void {
  const { value, children } = given.choiceSettingValue;
  const option = definition.kind === "choice" ? definition.options.find(({ id }) => id === value) : undefined;
  if (option === undefined) throw badRequest(`Setting '${definition.id}' has no option '${value}'.`);
  const read = children.map((child) => readBody(instance, child));
  if (option.child !== undefined && !read.some((child) => child.settingDefinitionId === option.child)) {
    throw badRequest(`Option '${value}' needs the child setting '${option.child}'.`);
  }
  for (const child of read) checkInstance(child, option.id);
}

function checkSimple(given: z.infer<typeof simple>, definition: Definition): void {
  const { value } = given.simpleSettingValue;
  if (definition.kind === "string" && typeof value === "string") return;
  const isNumber = definition.kind === "integer" && typeof value === "number";
  if (isNumber && value >= definition.minimum && value <= definition.maximum) return;
  throw badRequest(`Setting '${definition.id}' cannot have the value '${value}'.`);
}
