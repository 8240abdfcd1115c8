import { useParams } from "@tanstack/react-router";
import { PromptsPage } from "@/features/prompts/prompts-page";

/** Prompts. */
export default function Prompts() {
  const { project } = useParams({ from: "/$project/prompts" });
  return <PromptsPage project={project} />;
}
