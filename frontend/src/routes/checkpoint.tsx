import { Page } from "@/components/page";

/** Checkpoint. */
export default function Checkpoint() {
  return <Page title="Checkpoint">{null}</Page>;
}
