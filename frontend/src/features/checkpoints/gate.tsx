import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import { type Checkpoint, gateQuery, PRODUCTION, useMoveAlias } from "@/queries/checkpoints";
import { evaluationsQuery, useEvaluate } from "@/queries/evaluations";
import { isActive } from "@/queries/jobs";
import { useMayManage } from "@/queries/roles";
import { texts } from "./texts";

/** What must hold before production serves this checkpoint; green, or a reason. */
export function Gate({ project, checkpoint }: { project: string; checkpoint: Checkpoint }) {
  const running = useQuery(evaluationsQuery(project)).data?.some(isActive) ?? false;
  const gate = useQuery({ ...gateQuery(project, checkpoint.id), refetchInterval: running ? 2000 : false });
  const move = useMoveAlias(project);
  const evaluate = useEvaluate(project);
  const manages = useMayManage(project);
  const [reason, setReason] = useState("");
  const served = checkpoint.aliases.includes(PRODUCTION);
  const promote = (event: FormEvent) => {
    event.preventDefault();
    move.mutate({ name: PRODUCTION, checkpoint_id: checkpoint.id, reason });
  };
  if (!gate.data) {
    return gate.error ? <Problem error={gate.error} retry={() => gate.refetch()} /> : <Skeleton lines={4} />;
  }
  const lacks = (name: string) => gate.data.checks.some((check) => check.name === name && !check.passed);
  return (
    <section className="card stack" aria-labelledby="gate">
      <div>
        <h2 id="gate">{texts.gate}</h2>
        <p className="small muted">{texts.gateAgainst(gate.data.served.name)}</p>
      </div>
      <ul className="checks">
        {gate.data.checks.map((check) => (
          <li key={check.name}>
            <span className={check.passed ? "badge good" : "badge warn"}>
              <span aria-hidden="true">{check.passed ? "✓" : "○"}</span>
              {check.passed ? texts.passed : texts.open}
            </span>
            <span>
              <strong>{check.name}</strong> <span className="muted">{check.detail}</span>
            </span>
          </li>
        ))}
      </ul>
      {served && <p className="notice good">{texts.promoted}</p>}
      {manages && !served && (
        <div className="row">
          {lacks("Evaluated") && (
            <button
              type="button"
              className="button"
              disabled={running || evaluate.isPending || checkpoint.state !== "published"}
              onClick={() => evaluate.mutate(checkpoint.id)}
            >
              {texts.evaluate}
            </button>
          )}
          {lacks("Served model evaluated") && (
            <button
              type="button"
              className="button"
              disabled={running || evaluate.isPending}
              onClick={() => evaluate.mutate(gate.data.served.id)}
            >
              {texts.evaluateServed}
            </button>
          )}
          <button
            type="button"
            className="button primary"
            disabled={!gate.data.green || move.isPending}
            onClick={() => move.mutate({ name: PRODUCTION, checkpoint_id: checkpoint.id, reason: "" })}
          >
            {texts.promote}
          </button>
        </div>
      )}
      {manages && !served && !gate.data.green && checkpoint.state === "published" && (
        <details>
          <summary>{texts.anyway}</summary>
          <form className="stack tight" onSubmit={promote}>
            <Field label={texts.reason}>
              {(ids) => (
                <input {...ids} required value={reason} onChange={(event) => setReason(event.target.value)} />
              )}
            </Field>
            <div>
              <button type="submit" className="button" disabled={move.isPending}>
                {texts.promote}
              </button>
            </div>
          </form>
        </details>
      )}
      {(move.error ?? evaluate.error) && <Problem error={move.error ?? evaluate.error} />}
    </section>
  );
}
