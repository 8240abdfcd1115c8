import { Link } from "@tanstack/react-router";
import { texts } from "@/lib/texts";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className="centre">
      <div className="stack">
        <h1>{texts.notFound.title}</h1>
        <Link className="button" to="/">
          {texts.notFound.start}
        </Link>
      </div>
    </main>
  );
}
