/**
 * Constants of the cohort drill-down (gate.md §5). Evidence is stored with `COHORT_METHOD`: change any of these, or the
 * arithmetic in evidence.ts, and the version must change with it.
 *
 * One rule goes beyond gate.md §5. The gate's own evidence E says that the update fails too often at all, e_a says whom
 * it fails; in a healthy month the product of the two reaches K/α as rarely as e_a alone may. So a cohort is held from
 * e_a·E ≥ K/α on: three failures of one model in the first ring hold that model, where E alone holds the update back
 * from everybody, and pauses it once there are enough of them (gate/method.ts). E counts only for single values that at
 * most a tenth of the devices have: what is on every second device explains the failures of a bad update nearly always.
 * It counts up to `MOST_LENT`: with every failure of a bad update E grows tenfold, and any two failures with a firmware
 * in common would soon be a cohort. Until e_a alone reaches K/α such a hold is *provisional*: it is over as soon as E,
 * with the cohort counted again, is below the level of a hold (provisional.ts).
 */
export const COHORT_METHOD = "cohorts/3";

/** Rate ratios of a cohort against all other devices; equally weighted. */
export const COHORT_RATIOS: readonly number[] = [2, 3, 5, 8, 13, 21, 34, 55, 89];

/** Chance of ever holding any cohort of a release in which no cohort is worse than another. */
export const COHORT_ALPHA = 0.05;

/** One attribute value, or two values of two attributes. */
export const CohortKind = { value: "value", pair: "pair" } as const;
export type CohortKind = (typeof CohortKind)[keyof typeof CohortKind];

/** The part of α that each kind of hypothesis may spend: values 80 %, pairs 20 %. */
export const ALPHA_OF_KIND: Readonly<Record<CohortKind, number>> = {
  value: 0.8 * COHORT_ALPHA,
  pair: 0.2 * COHORT_ALPHA,
};

/** Devices of the release that a value or a pair must have to be a hypothesis. */
export const SMALLEST_COHORT = 20;

/** E counts for a cohort up to this: the evidence from which the gate pauses, unless a group's `alpha` says otherwise. */
export const MOST_LENT = 100;

/** ln of how much better a pair must be than the best value: e³. */
export const PAIR_ADVANTAGE = 3;

/**
 * ln of how much more likely the devices of a held cohort must be as good as everybody else to call it superfluous. Little
 * is asked, for they report no more while they are held: released in error, they are held again by what they show.
 */
export const SUPERFLUOUS_ADVANTAGE = 1;

/** The part of the α of a kind that is shared out by number of devices; the rest is shared out equally. */
export const ALPHA_BY_DEVICES = 0.5;
/** Cohorts with a larger share of the release have no part in what is shared out by number of devices. */
export const LARGEST_FAVOURED = 0.1;
