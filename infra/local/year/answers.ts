import { Answer, type Question, QuestionKind, timeOutOf } from "../../../shared/approvals/questions.js";
import { DAY_MS, iso } from "../../../shared/calendar/days.js";
import type { LoggedCommand } from "../../../shared/releases/commands.js";
import { type Workload, workloadOf } from "../../../shared/updates/update.js";
import type { ReleaseRun } from "../in-process/release-run.js";

/** Who answers what the service asks. */
export const Answering = { nobody: "nobody", administrator: "administrator" } as const;
export type Answering = (typeof Answering)[keyof typeof Answering];

/** A question that people were asked, and what became of it. */
export interface Asked {
  readonly at: string;
  readonly workload: Workload;
  readonly update: string;
  readonly kind: QuestionKind;
  readonly failures: number;
  readonly offered: number;
  /** What a person answered, and when; null: nobody did. */
  readonly answer: Answer | null;
  /** What is taken for the answer when nobody gives one, and after how many hours. */
  readonly timeOut: { readonly hours: number; readonly answer: string };
}

/** A day, but before an unanswered hold becomes a pause. */
const ANSWER_AFTER_MS = DAY_MS - 60_000;

/** What an administrator answers who has found that the update harms no device. */
const GO_ON: Readonly<Record<QuestionKind, Answer>> = {
  [QuestionKind.gatePause]: Answer.resume,
  [QuestionKind.gateAdvice]: Answer.keep,
  [QuestionKind.gateHold]: Answer.proceed,
  [QuestionKind.inconclusiveHold]: Answer.proceed,
  [QuestionKind.silenceHold]: Answer.proceed,
  [QuestionKind.monitoringPause]: Answer.resume,
  [QuestionKind.pauseEnding]: Answer.keep,
  [QuestionKind.expedite]: Answer.approve,
  [QuestionKind.driverReview]: Answer.approve,
};

interface Waiting {
  readonly run: ReleaseRun;
  readonly question: Question;
  readonly place: number;
}

/** The questions of all releases; an administrator, where there is one, answers each after a day. */
export class Answers {
  readonly asked: Asked[] = [];
  readonly #answering: Answering;
  readonly #isHarmless: (run: ReleaseRun) => boolean;
  readonly #known = new Map<ReleaseRun, number>();
  #waiting: Waiting[] = [];

  /** @param isHarmless whether the update of a release has truly harmed no device */
  constructor(answering: Answering, isHarmless: (run: ReleaseRun) => boolean) {
    this.#answering = answering;
    this.#isHarmless = isHarmless;
  }

  nextDue(): number {
    return Math.min(...this.#waiting.map(({ question }) => question.at + ANSWER_AFTER_MS));
  }

  /** Hears the questions that releases have asked since. */
  hear(runs: Iterable<ReleaseRun>): void {
    for (const run of runs) {
      for (const question of run.questions.slice(this.#known.get(run) ?? 0)) {
        if (this.#answering === Answering.administrator)
          this.#waiting.push({ run, question, place: this.asked.length });
        this.asked.push(askedBy(run, question));
      }
      this.#known.set(run, run.questions.length);
    }
  }

  /** Answers what has waited for a day by `now` (ms): go on if the update harms nobody, else leave it as it is. */
  async answer(now: number): Promise<void> {
    const due = this.#waiting.filter(({ question }) => question.at + ANSWER_AFTER_MS <= now);
    this.#waiting = this.#waiting.filter((each) => !due.includes(each));
    for (const { run, question, place } of due) {
      const answer = this.#isHarmless(run) ? GO_ON[question.kind] : Answer.keep;
      const asked = this.asked[place];
      if (asked !== undefined) this.asked[place] = { ...asked, answer };
      const command = commandOf(answer, now);
      if (command !== undefined && run.release.state.phase === "active")
        await run.order({ key: `answer ${question.id}`, actor: ADMINISTRATOR, command }, now);
    }
  }
}

const ADMINISTRATOR = { id: "administrator", name: "Ada Admin" } as const;

function commandOf(answer: Answer, at: number): LoggedCommand["command"] | undefined {
  if (answer !== Answer.proceed && answer !== Answer.resume) return undefined;
  return { kind: answer, at, by: ADMINISTRATOR.id };
}

function askedBy({ release }: ReleaseRun, question: Question): Asked {
  const { update } = release;
  const { at, kind, failures, offered } = question;
  return {
    ...{ at: iso(at), workload: workloadOf(update), update: update.shortName, kind, failures, offered },
    ...{ answer: null, timeOut: timeOutOf(question) },
  };
}
