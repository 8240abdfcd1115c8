import { describe, expect, it } from "vitest";
import golden from "../../../../tests/golden/metrics.json?raw";
import { areasOf, meaningOf } from "./curves";

const one: [number, number][] = [[0, 1]];

describe("areasOf", () => {
  it("puts the probe scores first and what it does not know last", () => {
    const names = ["zeta/x", "loss/total", "time/train", "probe/on_topic", "alpha/y"];
    const areas = areasOf(Object.fromEntries(names.map((name) => [name, one])));
    expect(areas.map((area) => area.name)).toEqual(["probe", "loss", "time", "alpha", "zeta"]);
  });

  it("draws curves of one unit together and others apart", () => {
    const series = Object.fromEntries(
      [
        "probe/concise",
        "probe/on_topic",
        "rollout/length_mean",
        "rollout/repetition_frac",
        "rollout/truncated_frac",
        "policy/entropy",
        "policy/logprob_mean",
      ].map((name) => [name, one]),
    );
    const plots = areasOf(series).map((area) =>
      area.plots.map((plot) => plot.curves.map((curve) => curve.label)),
    );
    expect(plots).toEqual([
      [["concise", "on topic"]],
      [["length, mean"], ["repetition, share", "truncated, share"]],
      [["entropy"], ["logprob, mean"]],
    ]);
  });

  it("copes with a name without an area", () => {
    expect(areasOf({ odd: one })[0]).toMatchObject({ name: "", plots: [{ curves: [{ label: "odd" }] }] });
  });

  it("says once what several curves of an area mean", () => {
    const [teacher] = areasOf({ "teacher/abs_mean_right": one, "teacher/abs_mean_wrong": one });
    expect(teacher?.meanings.map(({ labels }) => labels)).toEqual(["abs mean right · abs mean wrong"]);
    expect(areasOf({ odd: one })[0]?.meanings).toEqual([]);
  });

  it("explains every metric that a run records", () => {
    const recorded: string[] = JSON.parse(golden);
    expect(recorded.filter((name) => !meaningOf(name))).toEqual([]);
  });
});
