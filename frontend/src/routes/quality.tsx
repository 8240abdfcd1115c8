import { useParams } from "@tanstack/react-router";
import { QualityPage } from "@/features/quality/quality-page";

/** How well annotators see what is known. */
export default function Route() {
  const { project } = useParams({ from: "/$project/quality" });
  return <QualityPage project={project} />;
}
