const PREFIX = /^AzureFunctionsJobHost(?:__|:)/i;

type Json = Record<string, unknown>;

/** Every property name that a JSON schema mentions, by its lower-case form. */
export function knownNames(schema: unknown): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const visit = (node: unknown): void => {
    if (!isObject(node)) return;
    if (isObject(node.properties)) for (const name of Object.keys(node.properties)) names.set(name.toLowerCase(), name);
    for (const child of Object.values(node)) visit(child);
  };
  visit(schema);
  return names;
}

/**
 * host.json with the overrides of the environment: `AzureFunctionsJobHost__extensions__http__routePrefix=x`, names in
 * any case.
 */
export function applyOverrides(raw: unknown, env: NodeJS.ProcessEnv, names: ReadonlyMap<string, string>): unknown {
  if (!isObject(raw)) return raw;
  const result = structuredClone(raw);
  for (const [key, value] of Object.entries(env)) {
    if (value === undefined || !PREFIX.test(key)) continue;
    const path = key.replace(PREFIX, "").split(/__|:/);
    set(result, path, value, names);
  }
  return result;
}

function set(target: Json, path: readonly string[], value: string, names: ReadonlyMap<string, string>): void {
  const [part = "", ...rest] = path;
  const lower = part.toLowerCase();
  const name = Object.keys(target).find((key) => key.toLowerCase() === lower) ?? names.get(lower) ?? part;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const child = target[name];
  const next: Json = isObject(child) ? child : {};
  target[name] = next;
  set(next, rest, value, names);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
