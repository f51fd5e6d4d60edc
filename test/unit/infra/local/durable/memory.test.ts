import { describe } from "vitest";
import { memoryStore } from "../../../../../infra/local/durable/index.js";
import { goldenSamples } from "./golden.js";

describe("engine on the memory store", () => goldenSamples(async () => memoryStore()));

describe("engine with parallel invocations", () => goldenSamples(async () => memoryStore(), { serial: false }));
