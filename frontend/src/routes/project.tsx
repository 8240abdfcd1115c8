import { useParams } from "@tanstack/react-router";
import { ProjectPage } from "@/features/project/project-page";

/** The project page. */
export default function Route() {
  const { project } = useParams({ from: "/$project/project" });
  return <ProjectPage project={project} />;
}
