import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Contested } from "@/features/review/contested";

/** Answers that several critiqued; which of them stands in the address, so that going back finds them again. */
export default function AdjudicationsRoute() {
  const { project } = useParams({ from: "/$project/review/answers" });
  const { all = false } = useSearch({ from: "/$project/review/answers" });
  const navigate = useNavigate({ from: "/$project/review/answers" });
  return (
    <Contested
      key={`${project} ${all}`}
      project={project}
      all={all}
      onAll={(asked) => navigate({ search: asked ? { all: true } : {}, replace: true })}
    />
  );
}
