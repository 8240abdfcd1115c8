import type { FormVersion } from "@/lib/form";
import { day } from "@/lib/format";
import { texts } from "./texts";

interface VersionsProps {
  versions: readonly FormVersion[];
  onTakeUp?: (version: FormVersion) => void;
}

/** Every version of the form, newest first. */
export function Versions({ versions, onTakeUp }: VersionsProps) {
  return (
    <section className="card stack tight" aria-labelledby="versions">
      <h2 id="versions">{texts.versions}</h2>
      <ul className="form-versions">
        {versions.map((version, place) => (
          <li key={version.number} className="row apart">
            <span>
              <strong>{texts.version(version.number)}</strong>{" "}
              {place === 0 && <span className="badge good">{texts.inForce}</span>}
              <span className="small muted form-version-about">
                {texts.content(
                  version.form.rating.points ?? 5,
                  version.form.tags?.length ?? 0,
                  version.form.questions?.length ?? 0,
                )}{" "}
                · {texts.by(version.author ?? texts.first, day(version.created_at))}
              </span>
            </span>
            {onTakeUp && place > 0 && (
              <button
                type="button"
                className="button small"
                aria-label={texts.takeUpName(version.number)}
                onClick={() => onTakeUp(version)}
              >
                {texts.takeUp}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
