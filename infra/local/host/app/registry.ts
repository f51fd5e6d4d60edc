import type { FunctionCallback, FunctionMetadata, HookCallback, HookName, LogLevel } from "./model.js";

/** A function as the app registered it, with the entry file that was being loaded at that moment. */
export interface Registration {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
  readonly file: string;
}

/** Everything one app registered while it was loaded. Closed once loading is over. */
export class Registry {
  readonly functions = new Map<string, Registration>();
  readonly #hooks = new Map<HookName, HookCallback[]>();
  /** Shared by every hook of the process. */
  readonly appHookData: Record<string, unknown> = {};
  /** The entry file being loaded, relative to the app. */
  file = "";
  #open = true;
  #write: (level: LogLevel, category: string, message: string) => void = () => {};

  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void {
    if (!this.#open) throw new Error("A function can only be registered during app startup.");
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
    this.functions.set(id, { metadata, callback, file: this.file });
    return () => {
      if (!this.#open) throw new Error("A function can only be disposed during app startup.");
      this.functions.delete(id);
    };
  }

  registerHook(name: HookName, callback: HookCallback): () => void {
    const callbacks = this.#hooks.get(name) ?? [];
    this.#hooks.set(name, [...callbacks, callback]);
    return () => {
      this.#hooks.set(
        name,
        (this.#hooks.get(name) ?? []).filter((other) => other !== callback),
      );
    };
  }

  hooks(name: HookName): readonly HookCallback[] {
    return this.#hooks.get(name) ?? [];
  }

  close(): void {
    this.#open = false;
  }

  /** Directs what the app logs outside of invocations. */
  writeLogsTo(write: (level: LogLevel, category: string, message: string) => void): void {
    this.#write = write;
  }

  log(level: LogLevel, category: string, message: string): void {
    this.#write(level, category, message);
  }
}
