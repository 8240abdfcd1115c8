import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { Empty, Problem, Skeleton } from "@/components/states";
import { StateBadge, WorkProgress } from "@/components/work";
import { day, score } from "@/lib/format";
import { texts as shared } from "@/lib/texts";
import { useMayManage } from "@/queries/roles";
import { type Run, runsQuery } from "@/queries/runs";
import { texts } from "./texts";
import "./runs.css";

/** The runs of a project, newest first. */
export function RunsPage({ project }: { project: string }) {
  const found = useInfiniteQuery(runsQuery(project));
  const manages = useMayManage(project);
  const runs = found.data?.pages.flatMap((page) => page.items);
  return (
    <Page
      title={texts.title}
      about={texts.about}
      actions={runs && runs.length > 0 && manages && <NewRunLink project={project} />}
    >
      {found.isError && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton lines={6} />}
      {runs?.length === 0 && <NoRuns project={project} manages={manages} />}
      {runs && runs.length > 0 && <Table project={project} runs={runs} />}
      {found.hasNextPage && (
        <div>
          <button
            type="button"
            className="button"
            disabled={found.isFetchingNextPage}
            onClick={() => found.fetchNextPage()}
          >
            {shared.common.more}
          </button>
        </div>
      )}
    </Page>
  );
}

function NewRunLink({ project }: { project: string }) {
  return (
    <Link className="button primary" to="/$project/runs/new" params={{ project }}>
      {texts.newRun}
    </Link>
  );
}

function NoRuns({ project, manages }: { project: string; manages: boolean }) {
  const t = texts.empty;
  return (
    <Empty title={t.title}>
      <p>{t.why}</p>
      {manages ? <NewRunLink project={project} /> : <p>{t.ask}</p>}
      <p className="small muted">{t.or}</p>
      <pre className="command-line">
        {[
          `curl -X POST ${window.location.origin}/api/runs -H "Authorization: Bearer $REDRAFT_KEY" \\`,
          `  -H "Content-Type: application/json" -d '{"project": "${project}", "recipe": {}}'`,
        ].join("\n")}
      </pre>
    </Empty>
  );
}

function Table({ project, runs }: { project: string; runs: Run[] }) {
  const c = texts.columns;
  return (
    <div className="card flush scroll-x">
      <table className="runs-table">
        <thead>
          <tr>
            <th scope="col">{c.name}</th>
            <th scope="col" className="wide">
              {c.method}
            </th>
            <th scope="col" className="wide">
              {c.base}
            </th>
            <th scope="col" className="wide">
              {c.state}
            </th>
            <th scope="col">{c.progress}</th>
            <th scope="col" className="number wide" title={texts.bestHint}>
              {c.best}
            </th>
            <th scope="col" className="wide">
              {c.date}
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} project={project} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ project, run }: { project: string; run: Run }) {
  return (
    <tr>
      <td>
        <Link className="name" to="/$project/runs/$run" params={{ project, run: String(run.id) }}>
          {run.name}
        </Link>
        <div className="small muted narrow">
          <StateBadge state={run.state} />
          <span>{texts.from(run.method, run.base.name)}</span>
        </div>
      </td>
      <td className="wide">{run.method}</td>
      <td className="wide">{run.base.name}</td>
      <td className="wide">
        <StateBadge state={run.state} />
      </td>
      <td>
        <WorkProgress work={run} label={run.name} unit="step" />
      </td>
      <td className="number wide">{run.best_score === null ? texts.none : score(run.best_score)}</td>
      <td className="wide small">{day(run.created_at)}</td>
    </tr>
  );
}
