import { Page } from "@/components/page";
import { Problem } from "@/components/states";
import { texts } from "@/lib/texts";

/** A page that could not be shown, in the frame, with what happened and a way on. */
export function Broken({ error }: { error: unknown }) {
  return (
    <Page title={texts.broken.title} about={texts.broken.about}>
      <Problem error={error} retry={() => window.location.reload()} />
    </Page>
  );
}
