import { odata, type TableClient, type TableTransactionResponse } from "@azure/data-tables";
import { AppError } from "../../../shared/errors.js";
import type { Action, PhysicalRow } from "./table-rows.js";

export type StoredRow = PhysicalRow & { readonly etag: string };

/** The few operations of Azure Tables that the store needs, each of them counted. */
export class PhysicalTable {
  count = 0;

  constructor(private readonly client: TableClient) {}

  async query(partitionKey: string): Promise<StoredRow[]> {
    this.count++;
    const rows: StoredRow[] = [];
    const filter = odata`PartitionKey eq ${partitionKey}`;
    for await (const row of this.client.listEntities<PhysicalRow>({ queryOptions: { filter } })) {
      rows.push(row as unknown as StoredRow);
    }
    return rows;
  }

  /** Upserts only: may be repeated. */
  async transact(actions: readonly Action[]): Promise<TableTransactionResponse> {
    this.count++;
    return this.client.submitTransaction([...actions]);
  }

  /**
   * A transaction that contains deletions or a conditional head. The SDK may have repeated it after an answer got lost,
   * so a refusal can mean that it was carried out before; deletions of rows that are gone are left out.
   * @returns the new ETag of the row `headKey`, if the transaction wrote it
   * @throws conflict when another host has written the head
   */
  async transactOnce(
    actions: readonly Action[],
    headKey: string,
    check: { wasMine: (head: StoredRow | undefined) => boolean },
  ): Promise<string | undefined> {
    try {
      const response = await this.transact(actions);
      return etagOf(response, actions, headKey);
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode !== 404 && statusCode !== 412 && statusCode !== 409) throw error;
      return this.#afterRefusal(actions, headKey, check, error);
    }
  }

  async #afterRefusal(
    actions: readonly Action[],
    headKey: string,
    check: { wasMine: (head: StoredRow | undefined) => boolean },
    refusal: unknown,
  ): Promise<string | undefined> {
    const partition = partitionOf(actions);
    const present = new Map((await this.query(partition)).map((row) => [row.rowKey, row]));
    const head = present.get(headKey);
    if (check.wasMine(head)) return head?.etag;
    const rest = actions.filter(([kind, entity]) => kind !== "delete" || present.has(entity.rowKey));
    const conditional = rest.some(([kind]) => kind === "update");
    if (conditional && (refusal as { statusCode?: number }).statusCode === 412) {
      throw new AppError("conflict", "Another host has written to this task hub. Stop one of the two.");
    }
    if (rest.length === actions.length) throw refusal;
    if (rest.length === 0) return undefined;
    return etagOf(await this.transact(rest), rest, headKey);
  }
}

const partitionOf = (actions: readonly Action[]): string => String(actions[0]?.[1].partitionKey);

/** Answers come in the order of the actions; Azurite does not name their rows. */
function etagOf(response: TableTransactionResponse, actions: readonly Action[], key: string): string | undefined {
  const at = actions.findIndex(([kind, entity]) => kind !== "delete" && entity.rowKey === key);
  return response.subResponses[at]?.etag;
}
