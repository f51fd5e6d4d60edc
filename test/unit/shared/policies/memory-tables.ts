import { MemoryTable } from "../store/memory-table.js";

const tables = new Map<string, MemoryTable>();

/** Stands for shared/store/tables.ts: the tables of the app, in memory. */
export function memoryTables() {
  return {
    table: async (name: string) => {
      const known = tables.get(name) ?? new MemoryTable();
      tables.set(name, known);
      return known;
    },
  };
}

export function emptyTables(): void {
  tables.clear();
}
