import { useParams } from "@tanstack/react-router";
import { RunsPage } from "@/features/runs/runs-page";

/** The list of runs. */
export default function Runs() {
  const { project } = useParams({ from: "/$project/runs" });
  return <RunsPage project={project} />;
}
