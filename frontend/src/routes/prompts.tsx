import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PromptsPage } from "@/features/prompts/prompts-page";

/** Prompts; the filter stands in the address. */
export default function Prompts() {
  const { project } = useParams({ from: "/$project/prompts" });
  const filter = useSearch({ from: "/$project/prompts" });
  const navigate = useNavigate({ from: "/$project/prompts" });
  return (
    <PromptsPage
      key={project}
      project={project}
      filter={filter}
      onFilter={(search) => navigate({ search, replace: true })}
    />
  );
}
