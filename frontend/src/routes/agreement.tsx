import { useParams } from "@tanstack/react-router";
import { Agreement } from "@/features/review/agreement";

/** How far those who critique agree. */
export default function AgreementRoute() {
  const { project } = useParams({ from: "/$project/review/agreement" });
  return <Agreement project={project} />;
}
