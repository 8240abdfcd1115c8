import { Page } from "@/components/page";

/** Evaluations. */
export default function Evaluations() {
  return <Page title="Evaluations">{null}</Page>;
}
