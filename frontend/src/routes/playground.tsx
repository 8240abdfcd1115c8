import { Page } from "@/components/page";

/** Playground. */
export default function Playground() {
  return <Page title="Playground">{null}</Page>;
}
