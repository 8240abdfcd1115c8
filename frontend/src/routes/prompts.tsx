import { Page } from "@/components/page";

/** Prompts. */
export default function Prompts() {
  return <Page title="Prompts">{null}</Page>;
}
