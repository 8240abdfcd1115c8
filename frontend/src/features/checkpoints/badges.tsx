import type { Checkpoint } from "@/queries/checkpoints";
import { texts } from "./texts";

const LOOKS = { written: "warn", published: "", failed: "pen", absent: "" } as const;
const SIGNS = { written: "◐", published: "✓", failed: "✗", absent: "–" } as const;

/** The state of a checkpoint as a sign and a word. */
export function CheckpointState({ state }: { state: Checkpoint["state"] }) {
  return (
    <span className={`badge ${LOOKS[state]}`}>
      <span aria-hidden="true">{SIGNS[state]}</span>
      {texts.states[state]}
    </span>
  );
}

/** The names under which a checkpoint is served. */
export function AliasBadges({ aliases }: { aliases: string[] }) {
  return aliases.map((alias) => (
    <span key={alias} className="badge good">
      <span aria-hidden="true">●</span>
      {alias}
    </span>
  ));
}
