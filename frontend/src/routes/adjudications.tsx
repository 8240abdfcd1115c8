import { useParams } from "@tanstack/react-router";
import { Contested } from "@/features/review/contested";

/** Answers that several critiqued. */
export default function AdjudicationsRoute() {
  const { project } = useParams({ from: "/$project/review/answers" });
  return <Contested project={project} />;
}
