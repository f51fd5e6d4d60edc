import { MemoryTable } from "../../../../shared/store/memory-table.js";

const tables = new Map<string, MemoryTable>();
let writes = 0;
let reads = 0;

class CountingTable extends MemoryTable {
  override async commit(...call: Parameters<MemoryTable["commit"]>) {
    writes++;
    return super.commit(...call);
  }

  override async get(...call: Parameters<MemoryTable["get"]>) {
    reads++;
    return super.get(...call);
  }

  override async page(...call: Parameters<MemoryTable["page"]>) {
    reads++;
    return super.page(...call);
  }
}

/** Stands for shared/store/tables.ts: the tables of the app, in memory. */
export function memoryTables() {
  return {
    table: async (name: string) => {
      const known = tables.get(name) ?? new CountingTable();
      tables.set(name, known);
      return known;
    },
  };
}

export function emptyTables(): void {
  tables.clear();
}

/** Transactions that wrote something, so far. */
export function storedWrites(): number {
  return writes;
}

/** Reads so far, of a row or of a page. */
export function storedReads(): number {
  return reads;
}
