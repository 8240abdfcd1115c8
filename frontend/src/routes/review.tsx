import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Review } from "@/features/review/review";
import { projectQuery } from "@/queries/projects";

/** Everybody's critiques; the filter stands in the address, so that going back finds it again. */
export default function ReviewRoute() {
  const { project } = useParams({ from: "/$project/review" });
  const filter = useSearch({ from: "/$project/review" });
  const navigate = useNavigate({ from: "/$project/review" });
  const levels = useQuery(projectQuery(project)).data?.rating_levels ?? 5;
  return (
    <Review
      project={project}
      levels={levels}
      filter={filter}
      onFilter={(search) => navigate({ search, replace: true })}
    />
  );
}
