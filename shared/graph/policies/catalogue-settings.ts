import { z } from "zod";
import { AppError } from "../../errors.js";
import { type Graph, INTUNE } from "../graph.js";
import type { Values } from "./types.js";

const TYPE = "#microsoft.graph.deviceManagementConfiguration";

/**
 * How a setting of the settings catalogue says its value: a choice of off and on, a choice of several, a number, or an
 * administrative template that is on with the value (a choice, a number, a text) in a child (graph.md §2.8).
 */
type Form = "switch" | "choice" | "number" | "onWithChoice" | "onWithNumber" | "onWithText";

interface SettingSpec {
  /** How its definition's id ends; the whole id is opaque and looked up in the tenant. */
  readonly tail: string;
  readonly form: Form;
  /** Our words for the ends of option ids, where they say little. */
  readonly words?: Readonly<Record<string, string>>;
}

const OFFICE = "~l_microsoftofficemachine~l_updates_";

/** The settings that the service keeps (autopatch.md §8.1, 8.2, 10.1). */
const SETTINGS: Readonly<Record<string, SettingSpec>> = {
  officeUpdateChannel: {
    tail: `${OFFICE}l_updatebranch`,
    form: "onWithChoice",
    words: { monthlyEnterprise: "monthlyenterprise" },
  },
  officeUpdateDeferralDays: { tail: `${OFFICE}l_deferupdatedays`, form: "onWithNumber" },
  officeUpdateDeadlineDays: { tail: `${OFFICE}l_updatedeadline`, form: "onWithNumber" },
  officeAutomaticUpdates: { tail: `${OFFICE}l_enableautomaticupdates`, form: "switch" },
  officeTargetVersion: { tail: `${OFFICE}l_updatetargetversion`, form: "onWithText" },
  officeHideUpdateSwitch: { tail: `${OFFICE}l_hideenabledisableupdates`, form: "switch" },
  edgeTargetChannel: { tail: "~cat_microsoftedge_pol_targetchannelmicrosoftedge", form: "onWithChoice" },
  allowTelemetry: { tail: "_system_allowtelemetry", form: "choice", words: { full: "3", required: "1", off: "0" } },
  limitEnhancedDiagnosticData: { tail: "_system_limitenhanceddiagnosticdatawindowsanalytics", form: "switch" },
  limitDumpCollection: { tail: "_system_limitdumpcollection", form: "switch" },
  limitDiagnosticLogCollection: { tail: "_system_limitdiagnosticlogcollection", form: "switch" },
  disableSafeguards: { tail: "_update_disablewufbsafeguards", form: "switch" },
  detectionFrequencyHours: { tail: "_update_detectionfrequency", form: "number" },
};

const definitionSchema = z.object({
  "@odata.type": z.string(),
  id: z.string().min(1),
  valueDefinition: z.object({ "@odata.type": z.string() }).nullish(),
  options: z
    .array(z.object({ itemId: z.string(), dependedOnBy: z.array(z.object({ dependedOnBy: z.string() })).nullish() }))
    .nullish(),
});
type Definition = z.infer<typeof definitionSchema>;
type Definitions = ReadonlyMap<string, Definition>;

const known = new WeakMap<Graph, Promise<Definitions>>();

/** Definitions of the tenant by id, read once per client: they change only when Intune is updated. */
export function settingDefinitions(graph: Graph): Promise<Definitions> {
  const cached = known.get(graph);
  if (cached !== undefined) return cached;
  const reading = graph
    .list(`${INTUNE}/configurationSettings`, { query: { $top: 999 }, schema: definitionSchema })
    .then((all) => new Map(all.map((definition) => [definition.id, definition])));
  known.set(graph, reading);
  reading.catch(() => known.delete(graph));
  return reading;
}

/** The body of the settings that carry these values. Throws `unsupported` when the tenant lacks a definition. */
export function settingsBody(definitions: Definitions, values: Values): unknown[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const spec = SETTINGS[name];
    if (spec === undefined || value === null) return [];
    const settingInstance = instanceOf(definitions, definitionEnding(definitions, spec.tail), spec, value);
    return [{ "@odata.type": `${TYPE}Setting`, settingInstance }];
  });
}

function instanceOf(definitions: Definitions, definition: Definition, spec: SettingSpec, value: unknown): unknown {
  switch (spec.form) {
    case "number":
      return simpleInstance(definition, Number(value));
    case "switch":
      return choiceInstance(optionEnding(definition, value === true ? "1" : "0"), definition.id);
    case "choice":
      return choiceInstance(optionEnding(definition, endFor(spec, value)), definition.id);
    default: {
      const on = optionEnding(definition, "1");
      const child = definitions.get(on.dependedOnBy?.[0]?.dependedOnBy ?? "");
      if (child === undefined) throw lacking(`the value of ${definition.id}`);
      const inner =
        spec.form !== "onWithChoice"
          ? simpleInstance(child, spec.form === "onWithText" ? String(value) : Number(value))
          : choiceInstance(optionEnding(child, endFor(spec, value)), child.id);
      return choiceInstance(on, definition.id, [inner]);
    }
  }
}

type Option = NonNullable<Definition["options"]>[number];

function choiceInstance({ itemId }: Option, settingDefinitionId: string, children: readonly unknown[] = []): unknown {
  const choiceSettingValue = { "@odata.type": `${TYPE}ChoiceSettingValue`, value: itemId, children };
  return { "@odata.type": `${TYPE}ChoiceSettingInstance`, settingDefinitionId, choiceSettingValue };
}

/** Templates hold some numbers as text. */
function simpleInstance({ id, valueDefinition }: Definition, value: number | string): unknown {
  const isNumber = valueDefinition?.["@odata.type"].includes("Integer") !== false;
  const type = `${TYPE}${isNumber ? "Integer" : "String"}SettingValue`;
  return {
    "@odata.type": `${TYPE}SimpleSettingInstance`,
    settingDefinitionId: id,
    simpleSettingValue: { "@odata.type": type, value: isNumber ? value : String(value) },
  };
}

function definitionEnding(definitions: Definitions, tail: string): Definition {
  for (const [id, definition] of definitions) if (id.toLowerCase().endsWith(tail)) return definition;
  throw lacking(`a setting whose id ends in ${tail}`);
}

function optionEnding({ id, options }: Definition, end: string): Option {
  const found = options?.find(({ itemId }) => itemId.toLowerCase().endsWith(`_${end}`));
  if (found === undefined) throw lacking(`option ${end} of ${id}`);
  return found;
}

function lacking(what: string): AppError {
  const message = `The settings catalogue of the tenant lacks ${what}. Check that Intune offers it, or switch the update type off in the group.`;
  return new AppError("unsupported", message);
}

interface Instance {
  readonly settingDefinitionId: string;
  readonly simpleSettingValue?: { readonly value: string | number } | null | undefined;
  readonly choiceSettingValue?:
    | { readonly value: string; readonly children?: readonly Instance[] | null | undefined }
    | null
    | undefined;
}

/** A setting instance of a policy; others than choices and single values are kept by their id alone. */
export const instanceSchema: z.ZodType<Instance> = z.object({
  settingDefinitionId: z.string(),
  simpleSettingValue: z.object({ value: z.union([z.string(), z.number()]) }).nullish(),
  choiceSettingValue: z
    .object({ value: z.string(), children: z.array(z.lazy(() => instanceSchema)).nullish() })
    .nullish(),
});

/** Name and value of a setting: in the service's words where it knows it, else by the id of its definition. */
export function namedValue(instance: Instance): readonly [string, unknown] {
  const id = instance.settingDefinitionId.toLowerCase();
  const [name, spec] = Object.entries(SETTINGS).find(([, { tail }]) => id.endsWith(tail)) ?? [];
  if (name === undefined || spec === undefined) return [instance.settingDefinitionId, plainValue(instance)];
  if (spec.form === "switch") return [name, plainValue(instance) === "1"];
  if (spec.form === "number") return [name, Number(plainValue(instance))];
  if (spec.form === "choice") return [name, wordFor(spec, String(plainValue(instance)))];
  const child = instance.choiceSettingValue?.children?.[0];
  // Switched off, a template says nothing.
  if (child === undefined) return [name, null];
  const value = plainValue(child);
  if (spec.form === "onWithText") return [name, String(value)];
  return [name, spec.form === "onWithNumber" ? Number(value) : wordFor(spec, String(value))];
}

function plainValue({ settingDefinitionId, choiceSettingValue, simpleSettingValue }: Instance): unknown {
  if (choiceSettingValue === undefined || choiceSettingValue === null) return simpleSettingValue?.value ?? null;
  const { value } = choiceSettingValue;
  return value.startsWith(`${settingDefinitionId}_`) ? value.slice(settingDefinitionId.length + 1) : value;
}

function endFor({ words }: SettingSpec, value: unknown): string {
  return words?.[String(value)] ?? String(value);
}

function wordFor({ words = {} }: SettingSpec, end: string): string {
  return Object.entries(words).find(([, suffix]) => suffix === end)?.[0] ?? end;
}
