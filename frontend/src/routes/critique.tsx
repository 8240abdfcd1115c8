import { Page } from "@/components/page";

/** Critique. */
export default function Critique() {
  return <Page title="Critique">{null}</Page>;
}
