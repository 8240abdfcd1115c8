import { useNavigate, useParams } from "@tanstack/react-router";
import { NewRunPage } from "@/features/runs/new-run-page";

/** Making a run; it is shown once it is launched. */
export default function NewRun() {
  const { project } = useParams({ from: "/$project/runs/new" });
  const navigate = useNavigate();
  return (
    <NewRunPage
      project={project}
      onLaunched={(run) => navigate({ to: "/$project/runs/$run", params: { project, run: String(run) } })}
    />
  );
}
