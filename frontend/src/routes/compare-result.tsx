import { useParams } from "@tanstack/react-router";
import { ResultPage } from "@/features/compare/result-page";

/** What people preferred. */
export default function Route() {
  const { project, set } = useParams({ from: "/$project/compare/$set/result" });
  return <ResultPage key={set} project={project} set={Number(set)} />;
}
