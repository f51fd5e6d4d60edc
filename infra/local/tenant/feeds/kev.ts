import { readFileSync } from "node:fs";
import { dataFile } from "../../../../shared/data-file.js";
import type { Json } from "../graph/types.js";
import type { World } from "../world.js";

/** Real entries of the catalogue about Windows, 2023 to 2025 (CISA, public domain). */
const FILE = "infra/local/tenant/data/known-exploited.json";

interface Entry {
  readonly cveID: string;
  readonly vendorProject: string;
  readonly product: string;
  readonly dateAdded: string;
}

let real: readonly Entry[] | undefined;

/** CISA's catalogue: the real entries and those of the update catalogue, added on the day of their update. */
export function kevCatalogue({ catalogue, clock }: World): Json {
  real ??= (JSON.parse(readFileSync(dataFile(FILE), "utf8")) as { vulnerabilities: Entry[] }).vulnerabilities;
  const now = clock.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const own = catalogue
    .published(now)
    .flatMap(({ severity, date }) =>
      (severity?.exploitedCves ?? []).map(
        ({ number }): Entry => ({ cveID: number, vendorProject: "Microsoft", product: "Windows", dateAdded: date }),
      ),
    );
  const vulnerabilities = [...real.filter(({ dateAdded }) => dateAdded <= today), ...own].sort((a, b) =>
    a.dateAdded < b.dateAdded ? -1 : 1,
  );
  return {
    title: "CISA Catalog of Known Exploited Vulnerabilities",
    catalogVersion: (vulnerabilities.at(-1)?.dateAdded ?? today).replaceAll("-", "."),
    count: vulnerabilities.length,
    vulnerabilities,
  };
}
