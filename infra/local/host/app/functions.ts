import type { HostConfig } from "../config/host-json.js";
import type { Settings } from "../config/settings.js";
import { messageOf, StartError } from "../start-error.js";
import type { Binding, FunctionCallback, FunctionMetadata } from "./model.js";
import type { Registration, Registry } from "./registry.js";

const TRIGGERS = [
  "httpTrigger",
  "timerTrigger",
  "serviceBusTrigger",
  "orchestrationTrigger",
  "entityTrigger",
  "activityTrigger",
] as const;
export type TriggerType = (typeof TRIGGERS)[number];

const OTHERS: ReadonlySet<string> = new Set(["http", "serviceBus", "durableClient"]);

/** A function ready to run: one known trigger, `%NAME%` resolved. */
export interface AppFunction {
  readonly name: string;
  readonly file: string;
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  readonly trigger: Binding;
  readonly kind: TriggerType;
  readonly bindings: readonly (Binding & { readonly key: string })[];
}

/**
 * The app's functions in order of registration, without those that the allow-list of host.json leaves out or a setting
 * `AzureWebJobs.<name>.Disabled` turns off. Throws a StartError for a binding this host does not know or cannot resolve.
 */
export function indexFunctions(registry: Registry, config: HostConfig, settings: Settings): AppFunction[] {
  const allowed = config.functions?.map((name) => name.toLowerCase());
  return [...registry.functions.values()]
    .filter(({ metadata }) => allowed === undefined || allowed.includes(metadata.name.toLowerCase()))
    .filter(({ metadata: { name } }) => !isDisabled(name, settings))
    .map((registration) => indexFunction(registration, settings));
}

function isDisabled(name: string, settings: Settings): boolean {
  return settings.flag(`AzureWebJobs.${name}.Disabled`) || settings.flag(`AzureWebJobs_${name}_Disabled`);
}

/** Where a start error points: `dist/index.js: function "tick": schedule`. */
export function fieldOf(fn: { readonly name: string; readonly file: string }, field: string): string {
  return `${fn.file}: function "${fn.name}": ${field}`;
}

function indexFunction({ metadata, callback, file }: Registration, settings: Settings): AppFunction {
  const source = { name: metadata.name, file };
  const bindings = Object.entries(metadata.bindings).map(([key, binding]) => ({
    ...resolveOptions(binding, source, settings),
    key,
  }));
  for (const binding of bindings) requireKnown(binding, source);
  const triggers = bindings.filter((binding) => isTrigger(binding.type));
  const trigger = triggers[0];
  if (trigger === undefined || triggers.length > 1) {
    throw new StartError(fieldOf(source, "bindings"), `expected exactly one trigger, found ${triggers.length}`);
  }
  return { ...source, metadata, callback, trigger, kind: trigger.type as TriggerType, bindings };
}

function isTrigger(type: string): type is TriggerType {
  return (TRIGGERS as readonly string[]).includes(type);
}

function requireKnown(binding: Binding, source: { name: string; file: string }): void {
  if (!isTrigger(binding.type) && !OTHERS.has(binding.type)) {
    const known = [...TRIGGERS, ...OTHERS].join(", ");
    throw new StartError(
      fieldOf(source, "bindings"),
      `binding type "${binding.type}" is unknown to this host (${known})`,
    );
  }
  if (binding.durableRequiresGrpc === true) {
    throw new StartError(fieldOf(source, binding.type), "durable-functions 4 speaks gRPC; this host needs version 3");
  }
}

/** Routes keep their text: `%` has no meaning there. */
function resolveOptions(binding: Binding, source: { name: string; file: string }, settings: Settings): Binding {
  if (binding.type === "httpTrigger") return binding;
  const options = Object.entries(binding).map(([option, value]) => {
    if (typeof value !== "string" || option === "name" || option === "type") return [option, value];
    try {
      return [option, settings.resolve(value)];
    } catch (error) {
      throw new StartError(fieldOf(source, option), messageOf(error));
    }
  });
  return Object.fromEntries(options) as Binding;
}
