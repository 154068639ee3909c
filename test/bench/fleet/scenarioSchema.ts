import * as z from 'zod';
import { decimal, line, listOf, slug, whole, withForm } from '../../../deploy/input/forms.ts';

const name = (what: string) => withForm(slug(), what);

const model = withForm(
  z.strictObject({
    weights: name('a name of the weights').optional(),
    context: whole(256, 10_000_000, 'tokens').optional(),
    gigabytes: decimal(0.1, 10_000, 'gigabytes').optional(),
    loadSeconds: decimal(0, 3_600, 'seconds'),
    unloadSeconds: decimal(0, 3_600, 'seconds'),
  }),
  'a model: a map with loadSeconds and unloadSeconds',
);

const host = withForm(
  z.strictObject({
    slots: whole(1, 256, 'calls at once'),
    memoryGigabytes: decimal(0.1, 100_000, 'gigabytes').optional(),
    serves: listOf(name('a model of this scenario'), 'models', 1).optional(),
    initial: withForm(
      z.union([name('a model of this scenario'), listOf(name('a model of this scenario'), 'models')]),
      'a model of this scenario, or a list of models',
    ).optional(),
  }),
  'a host: a map with slots',
);

const agent = withForm(
  z.strictObject({
    model: name('a model of this scenario').optional(),
    cloud: withForm(z.boolean(), 'true or false').default(false),
    minutes: decimal(0, 10_000, 'minutes').optional(),
    calls: whole(1, 1_000, 'calls').default(1),
    pauseSeconds: decimal(0, 36_000, 'seconds').default(0),
    needs: listOf(name('an agent of this scenario'), 'agents').default([]),
  }),
  'an agent: a map with model and minutes, or with cloud: true',
);

const named = <T extends z.ZodType>(item: T, form: string) =>
  withForm(
    z.record(slug(), item).refine((map) => Object.keys(map).length > 0, { error: 'is empty' }),
    form,
  );

/** A scenario as it is written. */
export const scenarioSchema = withForm(
  z.strictObject({
    name: name('a name').optional(),
    about: line(400, 'one line about the scenario').optional(),
    maxWaitMinutes: decimal(0.1, 100_000, 'minutes').optional(),
    models: named(model, 'a map of models by name'),
    hosts: named(host, 'a map of hosts by name'),
    agents: named(agent, 'a map of agents by name'),
  }),
  'a scenario: a map with models, hosts and agents',
);
