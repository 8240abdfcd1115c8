import { useParams } from "@tanstack/react-router";
import { CompareDesk } from "@/features/compare/compare-desk";

/** The pairs of one comparison, one after the other. */
export default function Route() {
  const { project, set } = useParams({ from: "/$project/compare/$set" });
  return <CompareDesk key={set} project={project} set={Number(set)} />;
}
