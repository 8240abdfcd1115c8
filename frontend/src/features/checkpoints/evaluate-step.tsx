import { Problem } from "@/components/states";
import { WorkProgress } from "@/components/work";
import type { Shapes } from "@/lib/api";
import { type Evaluation, useEvaluate } from "@/queries/evaluations";
import { useMayManage } from "@/queries/roles";
import { texts } from "./texts";

interface EvaluateStepProps {
  project: string;
  checkpoint: Shapes["CheckpointRef"];
  running: Evaluation | undefined;
  label: string;
}

/** Starts the evaluation that the gate lacks, and follows it in the same place. */
export function EvaluateStep({ project, checkpoint, running, label }: EvaluateStepProps) {
  const evaluate = useEvaluate(project);
  const manages = useMayManage(project);
  if (running) {
    const title = texts.evaluating(checkpoint.name);
    return (
      <div className="stack tight evaluating">
        <span className="small">{title}</span>
        <WorkProgress work={running} label={title} unit="answer" />
      </div>
    );
  }
  if (!manages) return null;
  return (
    <div className="stack tight">
      <div>
        <button
          type="button"
          className="button"
          disabled={evaluate.isPending}
          onClick={() => evaluate.mutate(checkpoint.id)}
        >
          {label}
        </button>
      </div>
      {evaluate.error && <Problem error={evaluate.error} />}
    </div>
  );
}
