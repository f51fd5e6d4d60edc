import { z } from "zod";
import { AppError } from "../errors.js";
import { joinText, splitText } from "./long-text.js";
import { type PageOptions, type Row, safeKey, type Table } from "./table.js";

/** A JSON document of one type under (partition, id), with the ETag of the version that was read. */
export interface Document<T> {
  readonly partition: string;
  readonly id: string;
  readonly etag: string;
  readonly body: T;
}

export interface DocumentPage<T> {
  readonly items: readonly Document<T>[];
  /** Present when there is more. */
  readonly token?: string;
}

export interface ListOptions {
  /** Ids of this prefix only. */
  readonly prefix?: string;
  /** First id, inclusive. */
  readonly from?: string;
  /** Ids stop before this one. */
  readonly before?: string;
  /** 1–1,000 per page, default 1,000. */
  readonly size?: number;
  readonly token?: string | undefined;
}

export interface Documents<T> {
  /** The document, or undefined when there is none. */
  get(partition: string, id: string): Promise<Document<T> | undefined>;
  /**
   * Writes the document; returns its new ETag. With `etag`, only over that very version.
   * @throws AppError `conflict` when the version differs, `not_found` when a version is named but nothing is there
   */
  put(partition: string, id: string, body: T, etag?: string): Promise<string>;
  /** Writes a new document; returns its ETag. @throws AppError `conflict` when the id is taken */
  insert(partition: string, id: string, body: T): Promise<string>;
  /** Deletes the document; a missing one is success. With `etag`, only that very version (else `conflict`). */
  delete(partition: string, id: string, etag?: string): Promise<void>;
  /** One page of a partition in the order of ids. */
  list(partition: string, options?: ListOptions): Promise<DocumentPage<T>>;
  /** All documents of a partition in the order of ids. */
  all(partition: string, options?: Omit<ListOptions, "token">): AsyncIterable<Document<T>>;
}

/**
 * Typed JSON documents in a table. Bodies are validated on read, so that code never meets a shape it does not know;
 * an invalid one is an AppError `internal` naming table row and field.
 */
export function documents<T>(table: Table, schema: z.core.$ZodType<T>): Documents<T> {
  const read = (row: Row): Document<T> => parse(schema, row);

  async function write(kind: "insert" | "upsert" | "replace", partition: string, id: string, body: T, etag?: string) {
    const values = { ...splitText("body", JSON.stringify(body)), id };
    const operation =
      kind === "replace" && etag !== undefined
        ? ({ kind, rowKey: safeKey(id), values, etag } as const)
        : ({ kind, rowKey: safeKey(id), values } as const);
    const [written] = await table.commit(safeKey(partition), [operation]);
    return written ?? "";
  }

  async function list(partition: string, options: ListOptions = {}): Promise<DocumentPage<T>> {
    const page = await table.page(safeKey(partition), pageOptions(options));
    const items = page.rows.map(read).map((item) => ({ ...item, partition }));
    return page.token === undefined ? { items } : { items, token: page.token };
  }

  return {
    async get(partition, id) {
      const row = await table.get(safeKey(partition), safeKey(id));
      return row && { ...read(row), partition };
    },
    put: (partition, id, body, etag) => write(etag === undefined ? "upsert" : "replace", partition, id, body, etag),
    insert: (partition, id, body) => write("insert", partition, id, body),
    async delete(partition, id, etag) {
      try {
        const rowKey = safeKey(id);
        await table.commit(safeKey(partition), [
          etag === undefined ? { kind: "delete", rowKey } : { kind: "delete", rowKey, etag },
        ]);
      } catch (error) {
        if (!(error instanceof AppError && error.code === "not_found")) throw error;
      }
    },
    list,
    async *all(partition, options = {}) {
      let token: string | undefined;
      do {
        const page: DocumentPage<T> = await list(partition, { ...options, token });
        yield* page.items;
        token = page.token;
      } while (token !== undefined);
    },
  };
}

/** `~~` sorts behind every key that safeKey makes. */
function pageOptions({ prefix, from = prefix, before, size, token }: ListOptions): PageOptions {
  const end = before === undefined ? (prefix === undefined ? undefined : `${safeKey(prefix)}~~`) : safeKey(before);
  return {
    ...(from === undefined ? {} : { from: safeKey(from) }),
    ...(end === undefined ? {} : { before: end }),
    ...(size === undefined ? {} : { size }),
    token,
  };
}

function parse<T>(schema: z.core.$ZodType<T>, row: Row): Document<T> {
  const parsed = z.safeParse(schema, JSON.parse(joinText("body", row.values) ?? "null"));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError(
      "internal",
      `Stored document ${row.partition}/${row.rowKey} is not valid at ${issue?.path.join(".")}: ${issue?.message}. It was written by another version; migrate or delete it.`,
    );
  }
  return { partition: row.partition, id: String(row.values.id ?? row.rowKey), etag: row.etag, body: parsed.data };
}
