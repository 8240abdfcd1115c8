import { ProgressBar } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { duration } from "@/lib/format";
import "./work.css";

type State = Shapes["WorkState"];

const STATES: Record<State, { word: string; sign: string; look: string }> = {
  queued: { word: "Queued", sign: "○", look: "" },
  running: { word: "Running", sign: "◐", look: "warn" },
  succeeded: { word: "Done", sign: "✓", look: "good" },
  failed: { word: "Failed", sign: "✗", look: "pen" },
  cancelled: { word: "Cancelled", sign: "–", look: "" },
};

/** The state of long work as a sign and a word. */
export function StateBadge({ state }: { state: State }) {
  const { word, sign, look } = STATES[state];
  return (
    <span className={`badge ${look}`}>
      <span aria-hidden="true">{sign}</span>
      {word}
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
  /** "step" or "answer": what is counted. */
  unit: string;
}

/** A bar with "12 of 40", the rate and the time left. */
export function WorkProgress({ work, label, unit }: WorkProps) {
  return (
    <div className="work">
      <ProgressBar done={work.done} total={work.total} label={label} />
      <div className="words">
        <span>
          {work.total > 0
            ? `${work.done} of ${work.total}`
            : work.state === "queued"
              ? "waiting"
              : `${work.done}`}
        </span>
        <span>{pace(work, unit)}</span>
      </div>
    </div>
  );
}

function pace(work: WorkProps["work"], unit: string): string {
  if (work.state !== "running") return "";
  const left = work.seconds_left == null ? "" : `${duration(work.seconds_left)} left`;
  return [rate(work.rate_per_s, unit), left].filter(Boolean).join(" · ");
}

function rate(perSecond: number | null | undefined, unit: string): string {
  if (!perSecond) return "";
  return perSecond >= 1
    ? `${perSecond.toFixed(1)} ${unit}s a second`
    : `${duration(1 / perSecond)} per ${unit}`;
}
