import Module from "node:module";
import type { FunctionMetadata, HookName, LogLevel, ProgrammingModel } from "./model.js";
import { HOOK_NAMES } from "./model.js";
import type { Registry } from "./registry.js";

const CORE_PACKAGE = "@azure/functions-core";
const SLOT = Symbol.for("ringmaster.functions-core");

/** What outlives a single app: `setProgrammingModel` is called once per copy of @azure/functions in a process. */
interface CoreSlot {
  readonly core: object;
  model: ProgrammingModel | undefined;
  registry: Registry | undefined;
}

class Disposable {
  readonly #release: () => void;

  constructor(release: () => void = () => {}) {
    this.#release = release;
  }

  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#release();
  }
}

/**
 * Makes `require("@azure/functions-core")` answer with this host's core object, once per process, and directs
 * registrations to `registry` from now on. It must run before the app's first `app.*` call: a copy of @azure/functions
 * that once found no core drops every registration for the rest of the process (functions-host.md §1.1).
 */
export function directRegistrationsTo(registry: Registry): void {
  slot().registry = registry;
}

/** The model that the app's copy of @azure/functions registered, if any. */
export function programmingModel(): ProgrammingModel | undefined {
  return slot().model;
}

function slot(): CoreSlot {
  const shared = globalThis as { [SLOT]?: CoreSlot };
  shared[SLOT] ??= intercept();
  return shared[SLOT];
}

function intercept(): CoreSlot {
  const state: { model: ProgrammingModel | undefined; registry: Registry | undefined } = {
    model: undefined,
    registry: undefined,
  };
  const created: CoreSlot = Object.assign(state, { core: coreObject(state) });
  const prototype = Module.prototype as unknown as { require: (id: string) => unknown };
  prototype.require = new Proxy(prototype.require, {
    apply: (target, self, args) => (args[0] === CORE_PACKAGE ? created.core : Reflect.apply(target, self, args)),
  });
  return created;
}

function coreObject(state: Pick<CoreSlot, "model" | "registry">): object {
  const registry = (): Registry => {
    if (state.registry === undefined) throw new Error("No function app is being loaded.");
    return state.registry;
  };
  return {
    version: "3.11.0",
    hostVersion: "4.1037.0",
    Disposable,
    setProgrammingModel(model: ProgrammingModel): void {
      state.model = model;
    },
    getProgrammingModel: () => state.model,
    registerFunction(metadata: FunctionMetadata, callback: (...args: unknown[]) => unknown): Disposable {
      return new Disposable(registry().registerFunction(metadata, callback));
    },
    registerHook(name: HookName, callback: (context: object) => unknown): Disposable {
      if (!HOOK_NAMES.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
      return new Disposable(registry().registerHook(name, callback));
    },
    log(level: LogLevel, category: string, message: string): void {
      state.registry?.log(level, category, message);
    },
  };
}
