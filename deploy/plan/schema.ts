import * as z from 'zod';
import { leastContext, money } from '../config/modelSchema.ts';
import {
  choice,
  duration,
  line,
  listOf,
  prose,
  repoPath,
  slug,
  whole,
  withForm,
  yesOrNo,
} from '../input/forms.ts';

const beadId = () => withForm(slug(), 'the id of a bead of the same epic');
const modelKey = () => withForm(slug(), 'the key of a model under models in gastown.yaml');
const gateName = () => withForm(slug(), 'the name of a gate of the rig, never a command');

const bead = withForm(
  z.strictObject({
    id: slug().describe('Names the bead in branches, trailers and reports; unique in its epic.'),
    title: line(120, 'a title of one line').describe('What the bead is about, as people see it.'),
    task: prose(64_000, 'what to do, in prose').describe('What the polecat is asked to do, in prose.'),
    needs: listOf(beadId(), 'ids of beads')
      .default([])
      .describe('Beads of the same epic whose change must be on the branch before this one starts.'),
    files: listOf(repoPath(), 'paths')
      .default([])
      .describe('Files that the task is about, shown to the model in full. They need not exist yet.'),
    tier: withForm(slug(), 'a tier of the configuration')
      .optional()
      .describe('Which models may work on it; a tier of the configuration. Default: default.'),
    model: modelKey().optional().describe('The model that works on it, whatever its tier says.'),
    fallback: listOf(modelKey(), 'models by key')
      .default([])
      .describe('Models that take over when the tries of the first are used up, in this order.'),
    context: whole(leastContext, 4_000_000, 'tokens')
      .optional()
      .describe('Tokens of context that it needs: models of its tier with less are left out.'),
    estimate: duration()
      .optional()
      .describe(
        'How long its calls to models take together, as far as you know: the fleet plans with it until it has seen some.',
      ),
    attempts: whole(1, 100, 'attempts')
      .optional()
      .describe('Red gate runs and submissions before it is blocked. Default: limits.bead.attempts.'),
    optional: yesOrNo()
      .default(false)
      .describe(
        'Whether the epic can do without it: when it does not land, what needs it starts all the same, and nobody is told.',
      ),
    gates: listOf(gateName(), 'names of gates')
      .default([])
      .describe('Gates that the polecat runs, by name. Default: all of the rig. Landing always runs all.'),
    approvedFiles: listOf(repoPath(), 'paths')
      .default([])
      .describe(
        'Files that define gates (package scripts, CI, hooks, test configuration) and that you allow this bead to change.',
      ),
    output: choice(['change', 'report'])
      .default('change')
      .describe(
        'change: files of the repository. report: a text for people and for the beads that need this one, which get it in their prompts; it changes no file and nothing lands.',
      ),
    sections: listOf(line(80, 'a heading of one line'), 'headings')
      .default([])
      .describe('With output: report: headings that the report must have.'),
  }),
  'a bead: a map with id, title and task',
);

const beads = () => listOf(bead, 'beads', 1);

const epic = withForm(
  z.strictObject({
    id: slug().describe('Names the epic; unique in the plan.'),
    title: line(120, 'a title of one line').optional().describe('Default: the id.'),
    rig: withForm(slug(), 'the name of a rig')
      .optional()
      .describe('The rig that its beads work on. Default: the rig of the plan.'),
    needs: listOf(withForm(slug(), 'the id of an epic of this plan'), 'ids of epics')
      .default([])
      .describe('Epics of this plan that must have landed wholly before this one starts.'),
    beads: beads().describe('The tasks of the epic, at most 400.'),
    budget: z
      .strictObject({
        tokens: whole(1_000, 1e12, 'tokens').optional().describe('Most tokens of the epic.'),
        money: money().optional().describe('Most money of the epic, by the prices of models.'),
      })
      .optional()
      .describe('What the epic may spend of the budget of the convoy. Default: as much as there is.'),
  }),
  'an epic: a map with id and beads',
);

/** A plan as it is written: one epic as `beads`, or several as `epics`. */
export const planSchema = withForm(
  z.strictObject({
    $schema: z.string().optional().describe('For editors: the JSON Schema of this file.'),
    convoy: slug()
      .optional()
      .describe('Names what is launched: follow it by this name. Default: the name of the file.'),
    title: line(120, 'a title of one line')
      .optional()
      .describe('What the plan is about. Default: the convoy.'),
    rig: withForm(slug(), 'the name of a rig')
      .optional()
      .describe('The rig to work on. Default: the only one of the configuration.'),
    epic: slug().optional().describe('With beads: the id of the one epic. Default: the convoy.'),
    beads: beads().optional().describe('The tasks of a plan with one epic. Either beads or epics.'),
    epics: listOf(epic, 'epics')
      .min(1)
      .optional()
      .describe('The epics of a larger plan. Either beads or epics.'),
  }),
  'a plan: a map with beads or epics',
);

export type PlanFile = z.output<typeof planSchema>;
export type BeadInFile = z.output<typeof bead>;
export type EpicInFile = z.output<typeof epic>;

/** JSON Schema (2020-12) of plans, for editors. */
export const planJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(planSchema, { io: 'input' }),
  title: 'A plan for a town of coding agents',
});
