import { useQuery } from "@tanstack/react-query";
import { type Base, checkQuery, type Preset } from "@/queries/runs";
import { texts } from "./texts";

interface CardsProps {
  project: string;
  presets: Preset[];
  base: Base;
  chosen: string;
  onChoose: (preset: Preset) => void;
}

/** The methods to choose from; greyed, with the reason, when the project lacks what they need. */
export function MethodCards({ project, presets, base, chosen, onChoose }: CardsProps) {
  return (
    <fieldset className="methods">
      <legend className="visually-hidden">{texts.form.methods}</legend>
      {presets.map((preset) => (
        <Card
          key={preset.name}
          project={project}
          preset={preset}
          base={base}
          chosen={preset.name === chosen}
          onChoose={() => onChoose(preset)}
        />
      ))}
    </fieldset>
  );
}

interface CardProps {
  project: string;
  preset: Preset;
  base: Base;
  chosen: boolean;
  onChoose: () => void;
}

function Card({ project, preset, base, chosen, onChoose }: CardProps) {
  const missing = useQuery(checkQuery(project, preset.recipe, base)).data?.missing ?? [];
  const look = ["card", "method", chosen && "chosen", missing.length > 0 && "lacking"]
    .filter(Boolean)
    .join(" ");
  return (
    <label className={look}>
      <span className="row">
        <input type="radio" name="method" checked={chosen} onChange={onChoose} />
        <strong>{preset.title}</strong>
      </span>
      <span>{preset.summary}</span>
      {missing.length > 0 ? (
        <span className="small reason">{missing.join(" ")}</span>
      ) : (
        <span className="small muted">{texts.form.needs(preset.needs)}</span>
      )}
    </label>
  );
}
