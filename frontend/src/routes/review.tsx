import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Review } from "@/features/review/review";

/** Everybody's critiques; the filter stands in the address, so that going back finds it again. */
export default function ReviewRoute() {
  const { project } = useParams({ from: "/$project/review" });
  const filter = useSearch({ from: "/$project/review" });
  const navigate = useNavigate({ from: "/$project/review" });
  return (
    <Review
      key={project}
      project={project}
      filter={filter}
      onFilter={(search) => navigate({ search, replace: true })}
    />
  );
}
