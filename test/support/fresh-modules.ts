import { vi } from "vitest";
import { CLOCK_KEY } from "../../shared/clock.js";

// A worker goes on from file to file: what it has loaded from node_modules stays, everything else begins anew.
vi.restoreAllMocks();
vi.useRealTimers();
vi.unstubAllEnvs();
vi.unstubAllGlobals();
Reflect.deleteProperty(globalThis, CLOCK_KEY);
vi.resetModules();
