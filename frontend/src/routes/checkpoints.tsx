import { useParams } from "@tanstack/react-router";
import { CheckpointsPage } from "@/features/checkpoints/checkpoints-page";

/** The page of all checkpoints. */
export default function Route() {
  const { project } = useParams({ from: "/$project/checkpoints" });
  return <CheckpointsPage project={project} />;
}
