import { useParams } from "@tanstack/react-router";
import { Critique } from "@/features/review/critique";

/** One critique. */
export default function CritiqueRoute() {
  const { critique } = useParams({ from: "/$project/review/$critique" });
  return <Critique id={Number(critique)} />;
}
