import { useParams } from "@tanstack/react-router";
import { PlaygroundPage } from "@/features/playground/playground-page";

/** The playground page. */
export default function Route() {
  const { project } = useParams({ from: "/$project/playground" });
  return <PlaygroundPage project={project} />;
}
