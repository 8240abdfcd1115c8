import { useParams } from "@tanstack/react-router";
import { RunPage } from "@/features/runs/run-page";

/** One run. */
export default function Run() {
  const { project, run } = useParams({ from: "/$project/runs/$run" });
  return <RunPage key={run} project={project} id={Number(run)} />;
}
