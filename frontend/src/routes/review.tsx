import { Page } from "@/components/page";

/** Review. */
export default function Review() {
  return <Page title="Review">{null}</Page>;
}
