import { Problem, ProgressBar } from "@/components/states";
import { StateBadge } from "@/components/work";
import { day, duration } from "@/lib/format";
import { isActive } from "@/queries/jobs";
import { type Run, useCancelRun, useResumeRun } from "@/queries/runs";
import { texts } from "./texts";

const t = texts.run;

/** State, method, start and author in one line. */
export function RunLine({ run }: { run: Run }) {
  return (
    <span className="row run-line">
      <StateBadge state={run.state} />
      <span>{t.facts(run.method, run.base.name)}</span>
      <span className="muted">
        {day(run.created_at)}
        {run.created_by && ` ${t.by(run.created_by)}`}
      </span>
    </span>
  );
}

/** Cancel while it runs, resume once it has failed or was cancelled. */
export function RunActions({ run }: { run: Run }) {
  const cancel = useCancelRun(run.id);
  const resume = useResumeRun(run.id);
  const error = cancel.error ?? resume.error;
  return (
    <div className="stack tight">
      {isActive(run) && (
        <button
          type="button"
          className="button"
          disabled={run.cancel_requested || cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          {run.cancel_requested ? t.cancelling : t.cancel}
        </button>
      )}
      {(run.state === "failed" || run.state === "cancelled") && (
        <button type="button" className="button" disabled={resume.isPending} onClick={() => resume.mutate()}>
          {t.resume}
        </button>
      )}
      {error && <Problem error={error} />}
    </div>
  );
}

/** How far it is, and how it ended: an error or a guard's reason stands here in full. */
export function RunProgress({ run }: { run: Run }) {
  const left = run.seconds_left == null ? "" : t.left(duration(run.seconds_left));
  const pace = run.rate_per_s ? t.perStep(duration(1 / run.rate_per_s)) : "";
  return (
    <section className="stack tight" aria-label={texts.columns.progress}>
      <div className="row apart small figures-line">
        <span>{run.state === "queued" ? t.queued : t.step(run.done, run.total)}</span>
        <span className="muted">
          {run.state === "running" ? [pace, left].filter(Boolean).join(" · ") : ""}
        </span>
      </div>
      <ProgressBar done={run.done} total={run.total} label={run.name} />
      {run.error ? (
        <p className="notice error ending">{run.error}</p>
      ) : (
        run.stop_reason && <p className="notice warn ending">{run.stop_reason}</p>
      )}
    </section>
  );
}
