import { useParams } from "@tanstack/react-router";
import { ExchangePage } from "@/features/exchange/exchange-page";

/** Import and export. */
export default function ExchangeRoute() {
  const { project } = useParams({ from: "/$project/exchange" });
  return <ExchangePage project={project} />;
}
