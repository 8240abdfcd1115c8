import { useParams } from "@tanstack/react-router";
import { ComparePage } from "@/features/evaluations/compare-page";

/** The comparison of two evaluations. */
export default function Route() {
  const { a, b } = useParams({ from: "/$project/evaluations/$a/$b" });
  return <ComparePage a={Number(a)} b={Number(b)} />;
}
