import * as z from 'zod';
import { slugForm } from '../../workflows/domain/naming.ts';
import { plainLines } from '../../workflows/domain/text.ts';

/** What each field accepts, in words for the person who wrote something else: `Expected <form>.` */
export const forms = z.registry<{ readonly form: string }>();

/** Gives a schema its words. */
export const withForm = <T extends z.ZodType>(schema: T, form: string): T => {
  forms.add(schema, { form });
  return schema;
};

/** The names of convoys, epics, beads, rigs, hosts and models. */
export const slug = (): z.ZodString =>
  withForm(z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/), `a name of ${slugForm}`);

export const whole = (least: number, most: number, what: string): z.ZodInt =>
  withForm(z.int().min(least).max(most), `${what}: a whole number from ${count(least)} to ${count(most)}`);

export const decimal = (least: number, most: number, what: string): z.ZodNumber =>
  withForm(z.number().min(least).max(most), `${what}: a number from ${least} to ${most}`);

/** A text of one line without control characters, not empty. */
export const line = (most: number, form: string): z.ZodString =>
  withForm(
    z
      .string()
      .regex(/^(?!\s*$)[^\p{Cc}\u2028\u2029]*$/u)
      .max(most),
    form,
  );

/** Prose of several lines, not empty; harmless for a terminal as it is. */
export const prose = (most: number, form: string): z.ZodString =>
  withForm(
    z
      .string()
      .regex(/\S/)
      .max(most)
      .refine((text) => plainLines(text) === text, {
        error: 'holds control characters or marks that hide text',
      }),
    form,
  );

/** A shell command line, which only a configuration may hold. */
export const command = (form: string): z.ZodString => prose(8_000, form);

/** A path inside the repository: no way out of it, none into `.git`, no wildcard. */
export const repoPath = (): z.ZodString =>
  withForm(
    z.string().max(400).refine(staysInside, { error: 'leaves the repository or has an unusual form' }),
    'a path inside the repository with forward slashes, such as src/index.ts',
  );

const staysInside = (path: string): boolean =>
  path !== '' &&
  !/[\p{Cc}\p{Cf}\\:*?"<>|]/u.test(path) &&
  path
    .replace(/\/$/, '')
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

/** A name of a branch as `git check-ref-format --branch` takes it. */
export const branchName = (): z.ZodString =>
  withForm(
    z.string().max(200).refine(isBranchName, { error: 'is no name of a branch' }),
    'the name of a branch, such as main',
  );

export const isBranchName = (name: string): boolean =>
  /^[^\p{Cc}\s~^:?*[\\]+$/u.test(name) &&
  !/^[-/]|\/$|\/\/|\.\.|@\{|\.$/.test(name) &&
  name !== '@' &&
  name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const longest = 30 * 24 * 3_600_000;

/** A duration as `90s`, `5m`, `1h`, `250ms`, or a number of ms; in ms. */
export const duration = () => {
  const written = z.union([z.int().min(0), z.string().regex(/^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h)$/)]);
  const schema = written.transform((value) => {
    if (typeof value === 'number') return value;
    const unit = /[a-z]+$/.exec(value)?.[0] ?? 'ms';
    return Math.round(Number.parseFloat(value) * (units[unit] ?? 1));
  });
  return withForm(
    schema.refine((ms) => ms <= longest, { error: 'is longer than 30 days' }),
    'a duration such as 250ms, 90s, 5m or 1h, or a number of milliseconds',
  );
};

const sizes: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30 };

/** Memory as `24GiB` or `512MiB`; in bytes. */
export const memorySize = () =>
  withForm(
    z
      .string()
      .regex(/^\d{1,6}(?:\.\d{1,3})?(?:MiB|GiB)$/)
      .transform((text) => Math.round(Number.parseFloat(text) * (sizes[text.slice(-3)] ?? 1))),
    'a size of memory such as 24GiB or 512MiB',
  );

/** A span of the day as `08:00-18:30`, over midnight too; in minutes since midnight. */
export const clockSpan = () => {
  const written = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/);
  const span = written.transform((text) => {
    const [from = 0, to = 0] = text.split('-').map(minutesOf);
    return { from, to };
  });
  return withForm(
    span.refine(({ from, to }) => from !== to, { error: 'is no time at all' }),
    'a span of the day such as 08:00-18:30',
  );
};

const minutesOf = (clock: string): number => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
};

export const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  withForm(z.enum(values), `one of ${values.join(', ')}`);

export const yesOrNo = (): z.ZodBoolean => withForm(z.boolean(), 'true or false');

export const listOf = <T extends z.ZodType>(item: T, form: string, least: 0 | 1 = 0): z.ZodArray<T> =>
  withForm(z.array(item).min(least), `a list of ${form}${least === 0 ? '' : ', at least one'}`);

/** A map whose keys are names of ours. */
export const mapOf = <T extends z.ZodType>(item: T, form: string) =>
  withForm(z.record(slug(), item), `a map from name to ${form}`);

const count = (value: number): string => value.toLocaleString('en-US');
