import type { Node } from "./schema";

/** A small schema with everything that a form must cope with; for tests. */
export const sampleSchema: Node = {
  $defs: {
    Plain: {
      type: "object",
      title: "Plain",
      properties: {
        name: { const: "plain", default: "plain", type: "string" },
        floor: {
          title: "Floor",
          description: "Empty: no floor.",
          default: -5,
          anyOf: [{ type: "number", exclusiveMaximum: 0, minimum: -100 }, { type: "null" }],
        },
      },
    },
    Other: {
      type: "object",
      properties: { name: { const: "other", default: "other", type: "string" } },
    },
    Optimiser: {
      type: "object",
      title: "Optimiser",
      description: "Of its own.",
      properties: {
        steps: {
          type: "integer",
          title: "Steps",
          description: "At most.",
          default: 10,
          minimum: 1,
          maximum: 100,
        },
        rate: { type: "number", title: "Rate", default: 0.1, exclusiveMinimum: 0, maximum: 1 },
        on: { type: "boolean", title: "On", default: true },
        schedule: { type: "string", title: "Schedule", default: "constant", enum: ["constant", "linear"] },
        verifier: {
          title: "Verifier",
          default: "concise",
          anyOf: [{ const: "concise", type: "string" }, { type: "null" }],
        },
        authors: {
          title: "Authors",
          type: "array",
          default: ["a", "b"],
          minItems: 1,
          items: { type: "string", enum: ["a", "b"] },
        },
      },
    },
  },
  type: "object",
  properties: {
    method: {
      title: "Method",
      oneOf: [{ $ref: "#/$defs/Plain" }, { $ref: "#/$defs/Other" }],
      discriminator: {
        propertyName: "name",
        mapping: { plain: "#/$defs/Plain", other: "#/$defs/Other" },
      },
    },
    optimiser: { $ref: "#/$defs/Optimiser", description: "How it is trained." },
    seed: { type: "integer", title: "Seed", default: 0, minimum: 0 },
  },
};

/** Values that fit the sample schema. */
export const sampleValues = () => ({
  method: { name: "plain", floor: -5 },
  optimiser: {
    steps: 10,
    rate: 0.1,
    on: true,
    schedule: "constant",
    verifier: "concise",
    authors: ["a", "b"],
  },
  seed: 0,
});
