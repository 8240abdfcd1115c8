import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Review } from "@/features/review/review";
import { projectQuery } from "@/queries/projects";

/** Everybody's critiques. */
export default function ReviewRoute() {
  const { project } = useParams({ from: "/$project/review" });
  const levels = useQuery(projectQuery(project)).data?.rating_levels ?? 5;
  return <Review project={project} levels={levels} />;
}
