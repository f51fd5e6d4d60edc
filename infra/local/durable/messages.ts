import type { HistoryEvent } from "./history.js";

/** The orchestration that waits for a sub-orchestration. */
export interface Parent {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

export interface StartMessage {
  readonly kind: "start";
  readonly name: string;
  readonly version: string | null;
  /** JSON text, or null when there was no input. */
  readonly input: string | null;
  readonly executionId: string;
  readonly parent?: Parent;
}

/** What an entity is asked to do (functions-host.md §2.10). */
export interface EntityRequest {
  /** Absent for a lock request. */
  readonly op?: string;
  readonly signal?: boolean;
  /** JSON text. */
  readonly input?: string;
  readonly id: string;
  /** The orchestration that calls or locks. */
  readonly parent?: string;
  readonly parentExecution?: string;
  /** Not before this instant (ISO 8601): a scheduled signal. */
  readonly due?: string;
  /** Instance ids of the entities to lock, sorted, and how many are locked already. */
  readonly lockset?: readonly string[];
  readonly pos?: number;
}

export type Message =
  | StartMessage
  /** An external event, or an entity's reply (then `executionId` says for which execution). */
  | { readonly kind: "event"; readonly name: string; readonly input: string | null; readonly executionId?: string }
  /** A completed task. */
  | { readonly kind: "done"; readonly executionId: string; readonly event: HistoryEvent }
  | { readonly kind: "terminate" | "suspend" | "resume" | "rewind"; readonly reason: string }
  | { readonly kind: "operation"; readonly request: EntityRequest }
  | { readonly kind: "release"; readonly parent: string; readonly id: string };

/** A message on its way from one instance to another; durable in the sender until the receiver has saved it. */
export interface Outgoing {
  /** Grows with every message of the sender, for ever. */
  readonly seq: number;
  readonly to: string;
  readonly message: Message;
}

/** A message in an instance's inbox. */
export interface Envelope {
  /** Order of acceptance, over all instances. */
  readonly order: number;
  readonly message: Message;
  /** Key of the inbox row, when it has been saved there. */
  row?: string;
  /** Where it came from: lets the receiver drop repetitions, and tells the sender that it has been saved. */
  readonly from?: { readonly origin: string; readonly seq: number; readonly saved: () => void };
}

/** Fixed width, so that rows sort by number. */
export const pad = (value: number, width = 14): string => String(value).padStart(width, "0");

export const isEntityId = (instanceId: string): boolean => instanceId.startsWith("@");

/** `@name@key`; names are lower case, keys are free text. */
export const entityInstanceId = (name: string, key: string): string => `@${name.toLowerCase()}@${key}`;

/** Splits at the second `@`. */
export function parseEntityId(instanceId: string): { name: string; key: string } {
  const at = instanceId.indexOf("@", 1);
  return { name: instanceId.slice(1, at).toLowerCase(), key: instanceId.slice(at + 1) };
}

/** The same entity id with its name in lower case. */
export function normaliseEntityId(instanceId: string): string {
  const { name, key } = parseEntityId(instanceId);
  return entityInstanceId(name, key);
}
