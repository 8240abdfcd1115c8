import { Page } from "@/components/page";

/** Annotate. */
export default function Annotate() {
  return <Page title="Annotate">{null}</Page>;
}
