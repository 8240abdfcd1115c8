import { useParams } from "@tanstack/react-router";
import { CheckpointPage } from "@/features/checkpoints/checkpoint-page";

/** The page of one checkpoint. */
export default function Route() {
  const { project, checkpoint } = useParams({ from: "/$project/checkpoints/$checkpoint" });
  return <CheckpointPage key={checkpoint} project={project} id={Number(checkpoint)} />;
}
