import type { FoldResult } from "../ledger/index.js";

/** Called after every fold, before the batch is completed. Throwing gives the batch back, which is then folded again. */
export type OnFolded = (result: FoldResult) => Promise<void>;

let handler: OnFolded = async () => undefined;

/** Sets what happens after a fold (the gate's event); the last one set counts. */
export function setOnFolded(next: OnFolded): void {
  handler = next;
}

export function onFolded(result: FoldResult): Promise<void> {
  return handler(result);
}
