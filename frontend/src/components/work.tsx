import { ProgressBar } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { duration } from "@/lib/format";
import { texts as all } from "@/lib/texts";
import "./work.css";

type State = Shapes["WorkState"];

const texts = all.work;
const LOOKS: Record<State, { sign: string; look: string }> = {
  queued: { sign: "○", look: "" },
  running: { sign: "◐", look: "warn" },
  succeeded: { sign: "✓", look: "good" },
  failed: { sign: "✗", look: "pen" },
  cancelled: { sign: "–", look: "" },
};

/** The state of long work as a sign and a word. */
export function StateBadge({ state }: { state: State }) {
  const { sign, look } = LOOKS[state];
  return (
    <span className={`badge ${look}`}>
      <span aria-hidden="true">{sign}</span>
      {texts.states[state]}
    </span>
  );
}

interface WorkProps {
  work: {
    state: State;
    done: number;
    total: number;
    rate_per_s?: number | null;
    seconds_left?: number | null;
  };
  label: string;
  /** What is counted. */
  unit: keyof typeof texts.units;
}

/** A bar with "12 of 40", the rate and the time left. */
export function WorkProgress({ work, label, unit }: WorkProps) {
  return (
    <div className="work">
      <ProgressBar done={work.done} total={work.total} label={label} />
      <div className="words">
        <span>
          {work.total > 0
            ? texts.done(work.done, work.total)
            : work.state === "queued"
              ? texts.waiting
              : `${work.done}`}
        </span>
        <span>{pace(work, unit)}</span>
      </div>
    </div>
  );
}

function pace(work: WorkProps["work"], unit: WorkProps["unit"]): string {
  if (work.state !== "running") return "";
  const left = work.seconds_left == null ? "" : texts.left(duration(work.seconds_left));
  return [rate(work.rate_per_s, unit), left].filter(Boolean).join(" · ");
}

function rate(perSecond: number | null | undefined, unit: WorkProps["unit"]): string {
  if (!perSecond) return "";
  const { one, many } = texts.units[unit];
  return perSecond >= 1
    ? texts.perSecond(perSecond.toFixed(1), many)
    : texts.secondsPer(duration(1 / perSecond), one);
}
