import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { DataPage } from "@/features/data/data-page";

/** Everything that was collected; list and filter stand in the address, so that going back finds them again. */
export default function Route() {
  const { project } = useParams({ from: "/$project/data" });
  const search = useSearch({ from: "/$project/data" });
  const navigate = useNavigate({ from: "/$project/data" });
  return (
    <DataPage
      key={project}
      project={project}
      search={search}
      onSearch={(next) => navigate({ search: next, replace: true })}
    />
  );
}
