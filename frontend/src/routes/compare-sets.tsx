import { useParams } from "@tanstack/react-router";
import { ComparePage } from "@/features/compare/compare-page";

/** All blind comparisons. */
export default function Route() {
  const { project } = useParams({ from: "/$project/compare" });
  return <ComparePage project={project} />;
}
