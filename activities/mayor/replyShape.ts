import * as z from 'zod';

const text = (most: number) => z.string().trim().min(1).max(most);

/** What a mayor may say of a bead. No commands, and nothing of what only a person may allow (G9). */
const bead = z.strictObject({
  id: text(80),
  title: text(300),
  task: text(64_000),
  files: z.array(z.string().max(400)).max(60).default([]),
  needs: z.array(z.string().max(80)).max(400).default([]),
  tier: z.string().max(80).nullish(),
  gates: z.array(z.string().max(80)).max(40).nullish(),
});

export const planReply = z.strictObject({ title: text(300), beads: z.array(bead).min(1) });

export type PlanReply = z.output<typeof planReply>;

/** For providers that hold a model to a schema. */
export const planReplySchema = (): Record<string, unknown> => {
  const { $schema: _, ...schema } = z.toJSONSchema(planReply, { io: 'input' }) as Record<string, unknown>;
  return schema;
};

/** What is wrong with a value, one line a fault, at most so many. */
export const shapeFaults = (error: z.ZodError, most = 20): string[] =>
  error.issues.slice(0, most).map(({ path, message }) => `${pathText(path)}${message}`);

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? ''
    : `${path
        .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
        .join('')
        .replace(/^\./, '')}: `;
