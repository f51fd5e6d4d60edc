import { z } from "zod";

const catalogueSchema = z.object({
  catalogVersion: z.string().nullish().catch(null),
  vulnerabilities: z.array(z.unknown()),
});
const entrySchema = z.object({
  cveID: z.string(),
  vendorProject: z.string().default(""),
  product: z.string().default(""),
});

/** CISA's catalogue of known exploited vulnerabilities, as far as it is about Windows. */
export interface KevCatalogue {
  /** Changes with its content. */
  readonly version: string;
  readonly cves: readonly string[];
}

/** Reads the catalogue; entries that cannot be read are left out. Throws for what is no catalogue. */
export function readKev(body: unknown): KevCatalogue {
  const { catalogVersion, vulnerabilities } = catalogueSchema.parse(body);
  const cves = vulnerabilities.flatMap((item) => {
    const entry = entrySchema.safeParse(item).data;
    const isWindows = /microsoft/i.test(entry?.vendorProject ?? "") && /windows/i.test(entry?.product ?? "");
    return entry === undefined || !isWindows ? [] : entry.cveID.toUpperCase();
  });
  return { version: `${catalogVersion ?? ""} ${vulnerabilities.length}`, cves };
}
