import { Link } from "@tanstack/react-router";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className="centre">
      <div className="stack">
        <h1>There is no page here</h1>
        <Link className="button" to="/">
          To the start
        </Link>
      </div>
    </main>
  );
}
