import { Page } from "@/components/page";

/** Checkpoints. */
export default function Checkpoints() {
  return <Page title="Checkpoints">{null}</Page>;
}
