import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { Page } from "@/components/page";
import { Problem, Skeleton } from "@/components/states";
import { useMayManage } from "@/queries/roles";
import { type Run, runQuery, useRefreshReports } from "@/queries/runs";
import { CurveCharts } from "./curve-charts";
import { RunEvents } from "./run-events";
import { Amounts, BestCheckpoint, RecipeJson, Snapshot, Usage } from "./run-facts";
import { RunActions, RunLine, RunProgress } from "./run-header";
import { Samples } from "./samples";
import { texts } from "./texts";
import "./runs.css";
import "./run.css";

/** One run: how far it is, how it does, what it answers, what it was made from. */
export function RunPage({ project, id }: { project: string; id: number }) {
  const found = useQuery({ ...runQuery(id), enabled: Number.isInteger(id) });
  const manages = useMayManage(project);
  const run = found.data;
  if (!Number.isInteger(id)) return <Page title={texts.title}>{texts.run.notFound}</Page>;
  return (
    <Page
      title={run?.name ?? texts.columns.name}
      about={run && <RunLine run={run} />}
      actions={run && manages && <RunActions run={run} />}
    >
      {found.isError && <Problem error={found.error} retry={() => found.refetch()} />}
      {found.isPending && <Skeleton lines={10} />}
      {run && <RunBody project={project} run={run} />}
    </Page>
  );
}

function RunBody({ project, run }: { project: string; run: Run }) {
  useRefreshAtEnd(run);
  return (
    <>
      <RunProgress run={run} />
      <div className="run-facts">
        <div className="stack kept">
          <BestCheckpoint project={project} run={run} />
          <Snapshot project={project} run={run} />
        </div>
        <Amounts run={run} />
        <Usage run={run} />
      </div>
      <CurveCharts run={run} />
      <Samples run={run} />
      <RunEvents run={run} />
      <RecipeJson run={run} />
    </>
  );
}

/** Fetch the last reports once a run has changed its state. */
function useRefreshAtEnd(run: Run) {
  const refresh = useRefreshReports(run.id);
  const before = useRef(run.state);
  useEffect(() => {
    if (before.current === run.state) return;
    before.current = run.state;
    void refresh();
  });
}
