import { useParams } from "@tanstack/react-router";
import { EvaluationsPage } from "@/features/evaluations/evaluations-page";

/** The page of all evaluations. */
export default function Route() {
  const { project } = useParams({ from: "/$project/evaluations" });
  return <EvaluationsPage project={project} />;
}
