import { useParams } from "@tanstack/react-router";
import { Critique } from "@/features/review/critique";

/** One critique. */
export default function CritiqueRoute() {
  const { project, critique } = useParams({ from: "/$project/review/$critique" });
  return <Critique project={project} id={Number(critique)} />;
}
