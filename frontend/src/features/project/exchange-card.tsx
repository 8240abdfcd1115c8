import { Link } from "@tanstack/react-router";
import { texts } from "./texts";

const t = texts.exchange;

/** The way to imports and exports. */
export function ExchangeCard({ project }: { project: string }) {
  return (
    <section className="card row apart" aria-label={t.title}>
      <div>
        <h2>{t.title}</h2>
        <p className="small muted">{t.about}</p>
      </div>
      <Link className="button" to="/$project/exchange" params={{ project }}>
        {t.open}
      </Link>
    </section>
  );
}
