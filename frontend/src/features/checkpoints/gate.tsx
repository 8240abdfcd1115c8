import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { aliasesQuery, type Checkpoint, gateQuery, movesQuery, PRODUCTION } from "@/queries/checkpoints";
import { evaluationsQuery } from "@/queries/evaluations";
import { isActive } from "@/queries/jobs";
import { useMayManage } from "@/queries/roles";
import { EVALUATED, lacks, SERVED_EVALUATED, type Verdict, verdictOf } from "./checks";
import { EvaluateStep } from "./evaluate-step";
import { Promote } from "./promote";
import { texts } from "./texts";

/** What must hold before production serves this checkpoint, and the way there. */
export function Gate({ project, checkpoint }: { project: string; checkpoint: Checkpoint }) {
  const evaluations = useQuery(evaluationsQuery(project)).data ?? [];
  const manages = useMayManage(project);
  const before = useServedBefore(project, checkpoint);
  // What has ended is part of the key: the end of an evaluation asks for the checklist anew.
  const ended = evaluations.filter((evaluation) => !isActive(evaluation)).length;
  const gate = useQuery(gateQuery(project, checkpoint.id, `${checkpoint.state} ${ended}`));
  if (!gate.data) {
    return gate.error ? <Problem error={gate.error} retry={() => gate.refetch()} /> : <Skeleton lines={4} />;
  }
  const { served, checks } = gate.data;
  if (served.id === checkpoint.id) return <p className="notice good">{texts.promoted}</p>;
  const running = (id: number) =>
    evaluations.find((evaluation) => evaluation.checkpoint.id === id && isActive(evaluation));
  return (
    <section className="card stack" aria-labelledby="gate">
      <div>
        <h2 id="gate">{texts.gate}</h2>
        <p className="small muted">
          {texts.gateAgainst}{" "}
          <Link to="/$project/checkpoints/$checkpoint" params={{ project, checkpoint: String(served.id) }}>
            {served.name}
          </Link>
        </p>
      </div>
      <ul className="checks">
        {checks.map((check) => (
          <Line key={check.name} check={check} verdict={verdictOf(check, checkpoint.state)} />
        ))}
      </ul>
      {checkpoint.state === "published" && lacks(checks, EVALUATED) && (
        <EvaluateStep
          project={project}
          checkpoint={checkpoint}
          running={running(checkpoint.id)}
          label={texts.evaluate}
        />
      )}
      {lacks(checks, SERVED_EVALUATED) && (
        <EvaluateStep
          project={project}
          checkpoint={served}
          running={running(served.id)}
          label={texts.evaluateServed}
        />
      )}
      {manages ? (
        <Promote project={project} checkpoint={checkpoint} green={gate.data.green} before={before} />
      ) : (
        <p className="small muted">{texts.onlyAdmins}</p>
      )}
    </section>
  );
}

/** Whether production served it before (a base model counts): then going back needs no gate. */
function useServedBefore(project: string, checkpoint: Checkpoint): boolean {
  const aliases = useQuery(aliasesQuery(project)).data;
  const moved = aliases?.some((alias) => alias.name === PRODUCTION) ?? false;
  const moves = useQuery({ ...movesQuery(project, PRODUCTION), enabled: moved }).data;
  return checkpoint.run_id === null || (moves?.some((move) => move.checkpoint.id === checkpoint.id) ?? false);
}

const LOOKS: Record<Verdict, { look: string; sign: string }> = {
  passed: { look: "good", sign: "✓" },
  open: { look: "warn", sign: "○" },
  failed: { look: "pen", sign: "✗" },
};

function Line({ check, verdict }: { check: Shapes["GateCheckShape"]; verdict: Verdict }) {
  const { look, sign } = LOOKS[verdict];
  return (
    <li>
      <span>
        <span className={`badge ${look}`}>
          <span aria-hidden="true">{sign}</span>
          {texts.verdicts[verdict]}
        </span>
      </span>
      <span>
        <strong>{check.name}</strong> <span className="muted">{check.detail}</span>
      </span>
    </li>
  );
}
