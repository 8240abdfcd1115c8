import { SeverityBadge } from "@/components/span-list";
import { SEVERITIES, type Severity } from "@/lib/spans";
import { texts } from "./texts";

interface SeverityBarProps {
  place: { top: number; left: number };
  onChoose: (severity: Severity) => void;
}

/** Under a selection: one press marks it. */
export function SeverityBar({ place, onChoose }: SeverityBarProps) {
  return (
    <div className="severity-bar" role="toolbar" aria-label={texts.markAs} style={place}>
      {SEVERITIES.map((severity) => (
        <button
          key={severity}
          type="button"
          className="button quiet small"
          onMouseDown={(event) => event.preventDefault()} // the selection must not be lost before the press ends
          onClick={() => onChoose(severity)}
        >
          <SeverityBadge severity={severity} />
        </button>
      ))}
    </div>
  );
}
