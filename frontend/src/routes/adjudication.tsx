import { useParams } from "@tanstack/react-router";
import { Adjudication } from "@/features/review/adjudication";

/** All critiques of one answer. */
export default function AdjudicationRoute() {
  const { project, rollout } = useParams({ from: "/$project/review/answers/$rollout" });
  return <Adjudication key={rollout} project={project} rollout={Number(rollout)} />;
}
