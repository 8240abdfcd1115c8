import { Page } from "@/components/page";

/** Runs. */
export default function Runs() {
  return <Page title="Runs">{null}</Page>;
}
