import { type FormEvent, useState } from "react";
import { CheckpointField } from "@/components/checkpoint-field";
import { FormActions } from "@/components/form-actions";
import { Problem } from "@/components/states";
import { useSampleAttempts } from "@/queries/jobs";
import type { Split } from "@/queries/prompts";
import type { Base } from "@/queries/runs";
import { NumberField, SplitField } from "./bulk-fields";
import { Dialog } from "./dialog";
import { numberWithin, wholeWithin } from "./lines";
import { texts } from "./texts";

const t = texts.sample;
const MOST_PER_PROMPT = 64;
const HOTTEST = 2;
const MOST_TOKENS = 4096;

interface SampleProps {
  project: string;
  open: boolean;
  onClose: () => void;
}

/** Start a job that samples first attempts. */
export function SampleDialog({ project, open, onClose }: SampleProps) {
  const [split, setSplit] = useState<Split>("train");
  const [checkpoint, setCheckpoint] = useState<Base>({});
  const [perPrompt, setPerPrompt] = useState("1");
  const [temperature, setTemperature] = useState("1");
  const [maxTokens, setMaxTokens] = useState("96");
  const sampling = useSampleAttempts(project);
  const read = {
    perPrompt: wholeWithin(perPrompt, 1, MOST_PER_PROMPT),
    temperature: numberWithin(temperature, 0, HOTTEST),
    maxTokens: wholeWithin(maxTokens, 1, MOST_TOKENS),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (read.perPrompt === null || read.temperature === null || read.maxTokens === null) return;
    sampling.mutate(
      {
        ...checkpoint,
        split,
        per_prompt: read.perPrompt,
        temperature: read.temperature,
        max_tokens: read.maxTokens,
        top_p: 1,
        seed: 0,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog title={t.title} open={open} onClose={onClose}>
      <p>{t.about}</p>
      <form onSubmit={submit}>
        <CheckpointField project={project} label={t.checkpoint} value={checkpoint} onChange={setCheckpoint} />
        <div className="pair">
          <SplitField value={split} onChange={setSplit} />
          <NumberField
            label={t.perPrompt}
            value={perPrompt}
            onChange={setPerPrompt}
            problem={read.perPrompt === null ? texts.number(1, MOST_PER_PROMPT) : undefined}
          />
        </div>
        <div className="pair">
          <NumberField
            label={t.temperature}
            hint={t.temperatureHint}
            value={temperature}
            onChange={setTemperature}
            problem={read.temperature === null ? texts.number(0, HOTTEST) : undefined}
          />
          <NumberField
            label={t.maxTokens}
            value={maxTokens}
            onChange={setMaxTokens}
            problem={read.maxTokens === null ? texts.number(1, MOST_TOKENS) : undefined}
          />
        </div>
        {sampling.isError && <Problem error={sampling.error} />}
        <FormActions isBusy={sampling.isPending} onCancel={onClose}>
          {t.submit}
        </FormActions>
      </form>
    </Dialog>
  );
}
