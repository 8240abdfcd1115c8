import { useParams } from "@tanstack/react-router";
import { RulesPage } from "@/features/rules/rules-page";

/** The rules of the project. */
export default function RulesRoute() {
  const { project } = useParams({ from: "/$project/rules" });
  return <RulesPage project={project} />;
}
