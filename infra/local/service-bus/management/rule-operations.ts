import type { Operation } from "./manage.js";

export const ruleOperations: Readonly<Record<string, Operation>> = {};
