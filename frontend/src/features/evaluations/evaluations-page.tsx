import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { StateBadge, WorkProgress } from "@/components/work";
import { checkpointsQuery } from "@/queries/checkpoints";
import { type Evaluation, evaluationsQuery, useEvaluate } from "@/queries/evaluations";
import { isActive } from "@/queries/jobs";
import { useMayManage } from "@/queries/roles";
import "./evaluations.css";
import { IntervalPlot } from "./interval-plot";
import { texts } from "./texts";

/** Evaluations with their scores; two of one suite can be compared. */
export function EvaluationsPage({ project }: { project: string }) {
  const evaluations = useQuery(evaluationsQuery(project));
  const manages = useMayManage(project);
  const [chosen, setChosen] = useState<number[]>([]);
  const rows = evaluations.data ?? [];
  const pair = [...chosen].sort((one, other) => one - other);
  const suites = new Set(rows.filter((row) => chosen.includes(row.id)).map((row) => row.suite.id));
  const toggle = (id: number) =>
    setChosen((known) =>
      known.includes(id) ? known.filter((other) => other !== id) : [...known, id].slice(-2),
    );
  return (
    <Page title={texts.title} about={texts.about}>
      {manages && <Start project={project} />}
      {evaluations.isPending && <Skeleton lines={5} />}
      {evaluations.error && <Problem error={evaluations.error} retry={() => evaluations.refetch()} />}
      {evaluations.data?.length === 0 && (
        <Empty title={texts.empty}>
          <p>{texts.emptyWhy}</p>
          <pre>{`curl -X POST .../api/projects/${project}/evaluations -d '{"checkpoint_id": 1}'`}</pre>
        </Empty>
      )}
      {rows.length > 0 && (
        <>
          <div className="row apart">
            <p className="small muted">{texts.pick}</p>
            {pair.length === 2 && suites.size === 1 && (
              <Link
                className="button primary"
                to="/$project/evaluations/$a/$b"
                params={{ project, a: String(pair[0]), b: String(pair[1]) }}
              >
                {texts.compare}
              </Link>
            )}
          </div>
          <div className="card flush scroll-x">
            <table>
              <thead>
                <tr>
                  {Object.values(texts.columns).map((column) => (
                    <th key={column}>{column}</th>
                  ))}
                  {rows[0]?.scores.map((score) => (
                    <th key={score.name}>{score.name}</th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Row
                    key={row.id}
                    row={row}
                    chosen={chosen.includes(row.id)}
                    onToggle={() => toggle(row.id)}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Page>
  );
}

function Start({ project }: { project: string }) {
  const checkpoints = useQuery(checkpointsQuery(project));
  const evaluate = useEvaluate(project);
  const [checkpoint, setCheckpoint] = useState("");
  const published = checkpoints.data?.filter((found) => found.state === "published") ?? [];
  const chosen = checkpoint || String(published[0]?.id ?? "");
  const start = (event: FormEvent) => {
    event.preventDefault();
    evaluate.mutate(Number(chosen));
  };
  return (
    <form className="card row" onSubmit={start} aria-label={texts.start}>
      <label className="row">
        {texts.checkpoint}
        <select className="narrow" value={chosen} onChange={(event) => setCheckpoint(event.target.value)}>
          {published.map((found) => (
            <option key={found.id} value={found.id}>
              {found.name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" className="button" disabled={!chosen || evaluate.isPending}>
        {texts.run}
      </button>
      {evaluate.error && <Problem error={evaluate.error} />}
    </form>
  );
}

function Row({ row, chosen, onToggle }: { row: Evaluation; chosen: boolean; onToggle: () => void }) {
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`${texts.columns.select} ${row.checkpoint.name}, ${row.id}`}
          checked={chosen}
          disabled={row.state !== "succeeded"}
          onChange={onToggle}
        />
      </td>
      <td>{row.checkpoint.name}</td>
      <td>
        {row.suite.name} v{row.suite.version}
      </td>
      <td>
        <StateBadge state={row.state} />
        {isActive(row) && <WorkProgress work={row} label={row.checkpoint.name} unit="answer" />}
        {row.error && <p className="small">{row.error}</p>}
      </td>
      {row.scores.map((score) => (
        <td key={score.name} className="score">
          <strong>{score.mean.toFixed(2)}</strong>{" "}
          <span className="small muted">
            [{score.low.toFixed(2)}, {score.high.toFixed(2)}] n {score.n}
          </span>
          <IntervalPlot mean={score.mean} low={score.low} high={score.high} from={0} to={1} />
        </td>
      ))}
    </tr>
  );
}
