export { DurableApi } from "./api.js";
export { clientBinding } from "./client-binding.js";
export { DurableEngine, type EngineDependencies } from "./engine.js";
export { type DurableRequest, type DurableResponse, durableHttp, type HttpApiOptions } from "./http-api.js";
export type { DurableStore } from "./store.js";
export { memoryStore } from "./store-memory.js";
export { tableStore } from "./store-tables.js";
export {
  ENGINE_DEFAULTS,
  type EngineOptions,
  type FunctionInvoker,
  type FunctionKind,
  type InvocationOutcome,
} from "./types.js";
