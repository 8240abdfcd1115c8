import { Page } from "@/components/page";

/** Compare. */
export default function Compare() {
  return <Page title="Compare">{null}</Page>;
}
