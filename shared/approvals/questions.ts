import { shortTime } from "../calendar/days.js";
import { type EndingPause, WARN_DAYS } from "../releases/pause-ending.js";
import { PAUSE_LIMIT_DAYS } from "../releases/pauses.js";

/** What the service asks people about a release or an expedite. */
export const QuestionKind = {
  /** The gate paused the release; it stays paused until somebody decides. */
  gatePause: "gatePause",
  /** The gate only advises here, and would have paused the release. */
  gateAdvice: "gateAdvice",
  /** The gate would have paused it where only people may, and keeps it from further rings (autopatch.md §6.5). */
  gateHold: "gateHold",
  /** New offers have been held for two days and the evidence is still inconclusive (gate.md §2.4). */
  inconclusiveHold: "inconclusiveHold",
  /** New offers are held because devices that began to install do not come back (gate.md §4). */
  silenceHold: "silenceHold",
  /** The monitoring rule paused the release (autopatch.md §5.12). */
  monitoringPause: "monitoringPause",
  /** A pause by the tenant ends by itself before long (autopatch.md §5.6). */
  pauseEnding: "pauseEnding",
  /** An update is to be expedited (autopatch.md §5.7). */
  expedite: "expedite",
  /** Drivers wait for a review where people approve them (autopatch.md §7). */
  driverReview: "driverReview",
} as const;
export type QuestionKind = (typeof QuestionKind)[keyof typeof QuestionKind];

export interface Question {
  /** Unique; the same question is asked once. */
  readonly id: string;
  readonly kind: QuestionKind;
  /** The release that it is about, the expedite, or the drivers of a group: one of them. */
  readonly releaseId?: string;
  readonly expediteId?: string;
  /** Autopatch group whose drivers it is about. */
  readonly groupId?: string;
  /** In the update catalogue. */
  readonly driverIds?: readonly string[];
  /** Domain time, ms. */
  readonly at: number;
  readonly failures: number;
  readonly offered: number;
  /** Devices that began to install and should have come back by now. */
  readonly overdue?: number;
  /** What is asked about, in sentences, for questions without figures; else what the gate cannot stop, and why. */
  readonly about?: string;
  /** What it is about, as people know it. */
  readonly subject?: { readonly update: string; readonly group: string };
  /** The pause that ends by itself; for questions about one. */
  readonly pause?: EndingPause;
  /** Where the service may not pause, silence does not either (autopatch.md §6.5). */
  readonly onlyPeoplePause?: true;
  /** Evidence that failures are more frequent than tolerated, and the evidence that holds and that pauses (gate.md §2). */
  readonly gate?: { readonly e: number; readonly hold: number; readonly pause: number };
  /** Rings that were offered something, in the order of their offers. */
  readonly rings?: readonly AskedRing[];
}

/** What a ring had reported when the question was asked. */
export interface AskedRing {
  readonly ring: string;
  readonly offered: number;
  /** Reports of success or failure. */
  readonly resolved: number;
  /** Failures and rollbacks among them. */
  readonly failures: number;
}

/** What a question is about, as the audit log names it. */
export function targetOfQuestion({ releaseId, expediteId, groupId }: Question): string {
  if (groupId !== undefined) return `group/${groupId}`;
  return expediteId === undefined ? `release/${releaseId}` : `expedite/${expediteId}`;
}

/** What somebody may answer. */
export const Answer = {
  resume: "resume",
  /** Lift a hold. */
  proceed: "proceed",
  pause: "pause",
  /** Start the 35 days of a pause again. */
  extend: "extend",
  rollBack: "rollBack",
  cancel: "cancel",
  approve: "approve",
  reject: "reject",
  /** Leave everything as it is. */
  keep: "keep",
} as const;
export type Answer = (typeof Answer)[keyof typeof Answer];

interface Wording {
  readonly title: string;
  readonly text: (question: Question) => string;
  /** What each answer does, in the order in which buttons stand. */
  readonly answers: Readonly<Partial<Record<Answer, string>>>;
  /** What is taken for the answer when nobody gives one in so many hours. */
  readonly timeOut: { readonly hours: number; readonly answer: "keep" | "pause" | "reject" };
}

/** After two weeks nobody is expected to answer any more, and everything stays as it is. */
const STAYS = { hours: 14 * 24, answer: "keep" } as const;

const evidence = ({ failures, offered, overdue = 0 }: Question) => {
  const lost = overdue === 0 ? "" : `, and ${overdue} that began to install should have come back and have not`;
  return `${failures} of ${offered} offered devices failed or rolled back${lost}`;
};
const pausedRings = ({ pause }: Question) => {
  const names = pause?.rings ?? [];
  const until = pause === undefined ? "soon" : `at ${shortTime(pause.until)}`;
  return names.length === 1
    ? `The pause of ${names[0]} ends ${until}`
    : `The pauses of ${names.join(", ")} end from ${until}`;
};
const held: Wording["answers"] = {
  keep: "Go on waiting for reports.",
  proceed: "Go on. What happened so far is accepted.",
  pause: "Pause all rings.",
  cancel: "End the release; what is installed stays.",
};
const paused: Wording["answers"] = {
  keep: "Leave it paused.",
  rollBack: "Uninstall the update where it is installed, and end the release.",
  cancel: "End the release; what is installed stays.",
  resume: "Go on. What happened so far is accepted, and the gate judges what comes after.",
};

/** How long people have to approve an expedite: what is urgent and nobody wants goes the ordinary way. */
const EXPEDITE_HOURS = 48;

/** How each question is put, and what it offers. */
export const WORDING: Readonly<Record<QuestionKind, Wording>> = {
  gatePause: {
    title: "The health gate paused a release",
    text: (question) => `${evidence(question)}, more than this kind of update tolerates. No device is offered it now.`,
    answers: paused,
    timeOut: STAYS,
  },
  gateAdvice: {
    title: "The health gate advises to pause a release",
    text: (question) =>
      `${evidence(question)}, more than this kind of update tolerates. The gate is set to advise, so the release goes on.${question.about === undefined ? "" : ` ${question.about}`}`,
    answers: { pause: "Pause all rings.", keep: "Let it go on.", cancel: "End the release; what is installed stays." },
    timeOut: STAYS,
  },
  gateHold: {
    title: "The health gate keeps an update from further rings",
    text: (question) =>
      `${evidence(question)}, more than this kind of update tolerates. Rings that have not begun wait; where it has begun only people pause it.${question.about === undefined ? "" : ` ${question.about}`}`,
    answers: {
      pause: "Pause it in all rings until somebody resumes it.",
      proceed: "Go on. What happened so far is accepted.",
      keep: "Leave it so.",
    },
    timeOut: STAYS,
  },
  inconclusiveHold: {
    title: "A release is held and the evidence stays inconclusive",
    text: (question) =>
      `${evidence(question)}: too many to go on, too few to pause. New offers have waited for two days.`,
    answers: held,
    // Doubt that nobody resolves is resolved to the safe side: paused, until somebody decides.
    timeOut: { hours: 24, answer: "pause" },
  },
  silenceHold: {
    title: "A release is held because devices do not come back",
    text: (question) =>
      `${evidence(question)}. That is more than is usual, also beside devices that were not offered the update. New offers wait; they go on by themselves when the devices report.`,
    answers: held,
    // As long as a hold by failures has: two days before the question and one after it.
    timeOut: { hours: 72, answer: "pause" },
  },
  monitoringPause: {
    title: "The monitoring rule paused a release",
    text: (question) => `${evidence(question)}. Deleting the rule or raising its threshold resumes the release too.`,
    answers: paused,
    timeOut: STAYS,
  },
  pauseEnding: {
    title: "The pause of a release ends soon",
    text: (question) =>
      `${pausedRings(question)} by itself, and offers go on.${question.offered === 0 ? "" : ` So far ${evidence(question)}.`}`,
    answers: {
      extend: `Stay paused for ${PAUSE_LIMIT_DAYS} days from now.`,
      keep: "Let the pause end by itself.",
      resume: "Go on now.",
      cancel: "End the release; what is installed stays.",
    },
    timeOut: { hours: WARN_DAYS * 24, answer: "keep" },
  },
  expedite: {
    title: "An update is to be expedited",
    text: ({ about = "" }) =>
      `${about} Its rings would open within 12 hours, measured by the health gate. Without an answer within two days it is rejected, and the update goes its ordinary way.`,
    answers: {
      approve: "Expedite the update.",
      reject: "Let it go its ordinary way.",
    },
    timeOut: { hours: EXPEDITE_HOURS, answer: "reject" },
  },
  driverReview: {
    title: "Drivers wait for a review",
    text: ({ about = "" }) => `${about} Nothing of them is installed until somebody approves them.`,
    answers: {
      approve: "Approve them in every ring in which they wait.",
      reject: "Decline them there. They can be approved later.",
      keep: "Leave them for now; the API decides about each of them.",
    },
    timeOut: STAYS,
  },
};

/** What is taken for the answer when nobody gives one: never a pause where only people pause. */
export function timeOutOf({ kind, onlyPeoplePause }: Pick<Question, "kind" | "onlyPeoplePause">) {
  const { timeOut } = WORDING[kind];
  return onlyPeoplePause === true && timeOut.answer === "pause" ? STAYS : timeOut;
}

/** What each answer is called on a button. */
export const ANSWER_LABELS: Readonly<Record<Answer, string>> = {
  resume: "Resume",
  proceed: "Go on",
  pause: "Pause",
  extend: "Extend",
  rollBack: "Roll back",
  cancel: "Cancel release",
  approve: "Approve",
  reject: "Reject",
  keep: "Leave as it is",
};

/** Whether a text names an answer. */
export function isAnswer(text: string): text is Answer {
  return Object.hasOwn(ANSWER_LABELS, text);
}

/** What a question offers, in the order in which buttons stand, with what it does. */
export function offeredAnswers({ kind }: Pick<Question, "kind">): { readonly answer: Answer; readonly does: string }[] {
  const { answers } = WORDING[kind];
  return Object.keys(answers)
    .filter(isAnswer)
    .map((answer) => ({ answer, does: answers[answer] ?? "" }));
}
