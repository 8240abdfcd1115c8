import { useParams } from "@tanstack/react-router";
import { ComparePage } from "@/features/evaluations/compare-page";

/** The comparison of two evaluations. */
export default function Route() {
  const { project, a, b } = useParams({ from: "/$project/evaluations/$a/$b" });
  return <ComparePage key={`${a}-${b}`} project={project} a={Number(a)} b={Number(b)} />;
}
