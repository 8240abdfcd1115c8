import { Link } from "@tanstack/react-router";
import { StateBadge, WorkProgress } from "@/components/work";
import { day } from "@/lib/format";
import type { Evaluation } from "@/queries/evaluations";
import { isActive } from "@/queries/jobs";
import { scorersOf } from "./pair";
import { ScoreCell } from "./score-cell";
import { texts } from "./texts";

interface TableProps {
  project: string;
  rows: Evaluation[];
  /** Those to compare; null for who may not. */
  chosen: number[] | null;
  onToggle: (id: number) => void;
}

/** Evaluations with their scores in columns; on a phone the scores stand below the name. */
export function EvaluationTable({ project, rows, chosen, onToggle }: TableProps) {
  const scorers = scorersOf(rows);
  return (
    <div className="card flush scroll-x">
      <table className="evaluations-table">
        <thead>
          <tr>
            {chosen && <th>{texts.columns.select}</th>}
            <th>{texts.columns.checkpoint}</th>
            <th className="wide">{texts.columns.suite}</th>
            <th className="wide">{texts.columns.state}</th>
            {scorers.map((name) => (
              <th key={name} className="wide">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {chosen && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${texts.columns.select} ${row.checkpoint.name}, ${texts.number(row.id)}`}
                    checked={chosen.includes(row.id)}
                    disabled={row.state !== "succeeded"}
                    onChange={() => onToggle(row.id)}
                  />
                </td>
              )}
              <td>
                <Name project={project} row={row} />
                <div className="narrow-only stack tight">
                  <span className="small">{texts.suite(row.suite.name, row.suite.version)}</span>
                  <State row={row} />
                  {row.scores.map((score) => (
                    <div key={score.name}>
                      <span className="small">{score.name}</span>
                      <ScoreCell found={score} />
                    </div>
                  ))}
                </div>
              </td>
              <td className="wide suite">{texts.suite(row.suite.name, row.suite.version)}</td>
              <td className="wide">
                <State row={row} />
              </td>
              {scorers.map((name) => {
                const found = row.scores.find((score) => score.name === name);
                return (
                  <td key={name} className="wide">
                    {found && <ScoreCell found={found} />}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ project, row }: { project: string; row: Evaluation }) {
  return (
    <div className="evaluation-name">
      <Link
        to="/$project/checkpoints/$checkpoint"
        params={{ project, checkpoint: String(row.checkpoint.id) }}
      >
        {row.checkpoint.name}
      </Link>
      <span className="small muted">{day(row.created_at)}</span>
    </div>
  );
}

function State({ row }: { row: Evaluation }) {
  return (
    <div className="stack tight">
      <span>
        <StateBadge state={row.state} />
      </span>
      {isActive(row) && <WorkProgress work={row} label={row.checkpoint.name} unit="answer" />}
      {row.error && <p className="small">{row.error}</p>}
    </div>
  );
}
