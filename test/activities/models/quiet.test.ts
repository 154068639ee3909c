import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { type HostTown, startHostTown } from '../../support/model/hostTown.ts';
import { startModelHost } from '../../support/modelHost.ts';

let town: HostTown;
beforeEach(async () => {
  town = await startHostTown(inject('temporalAddress'), inject('namespace'));
});
afterEach(() => town.close());

/** Quiet from eight to half past six, in a town on UTC. */
const box = (url: string, over: Partial<HostSettings> = {}): HostSettings =>
  town.box(url, { quiet: [{ from: 8 * 60, to: 18 * 60 + 30 }], ...over });

const model = (name: string): ModelSettings =>
  town.model(name, { firstTokenMs: 60_000, idleMs: 60_000, callTimeoutMs: 120_000 });

/** A wall clock that the test moves. */
const clockAt = (text: string) => {
  let now = Date.parse(text);
  return {
    read: () => now,
    set: (next: string) => {
      now = Date.parse(next);
    },
  };
};

describe('quiet hours of a host', () => {
  test('a host that is quiet is not touched, says until when, and serves the calls that waited when it may', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'good evening',
    });
    const clock = clockAt('2026-11-21T12:00:00Z');
    await town.tend([box(host.url)], [model('a')], {}, clock.read);
    await town.hold(`box-${town.tag}`);
    const call = await town.call(`a-${town.tag}`, 'hello');
    const { open, closed, quietUntil } = await town.reported((observed) => observed.quietUntil !== undefined);
    expect(open).toEqual([]);
    expect(closed).toMatchObject([
      { model: `a-${town.tag}`, terminal: false, failure: { type: 'HostQuiet' } },
    ]);
    expect(quietUntil).toBe(Date.parse('2026-11-21T18:30:00Z'));
    // Nobody asked the machine for anything.
    expect(host.timeline).toEqual([]);

    clock.set('2026-11-21T18:30:00Z');
    expect(await call.result()).toMatchObject({ outcome: 'done' });
    expect(town.reports.at(-1)).toMatchObject({ open: [`a-${town.tag}`], closed: [] });
    expect(town.reports.at(-1)?.quietUntil).toBeUndefined();
  });

  test('when they begin, calls under way are finished, no new one begins, and the memory is given back', async () => {
    const slow = Promise.withResolvers<void>();
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: async () => {
        await slow.promise;
        return 'in my own time';
      },
    });
    const clock = clockAt('2026-11-21T07:59:00Z');
    await town.tend([box(host.url)], [model('a')], {}, clock.read);
    await town.hold(`box-${town.tag}`);
    const under = await town.call(`a-${town.tag}`, 'first');
    await host.called(() => true);
    clock.set('2026-11-21T08:00:00Z');
    await town.reported((observed) => observed.quietUntil !== undefined);
    const late = await town.call(`a-${town.tag}`, 'second');
    slow.resolve();
    expect(await under.result()).toMatchObject({ outcome: 'done' });
    await town.reported(({ quietUntil, open }) => quietUntil !== undefined && open.length === 0);
    expect(host.requests).toHaveLength(1);
    expect(host.resident()).toEqual([]);

    clock.set('2026-11-21T18:30:00Z');
    expect(await late.result()).toMatchObject({ outcome: 'done' });
    expect(host.requests).toHaveLength(2);
    expect(host.strangers).toEqual([]);
  });

  test('models that are open together all close at once', async () => {
    const slow = Promise.withResolvers<void>();
    await using host = await startModelHost({
      kind: 'ollama',
      maxLoaded: 2,
      models: { a: { context: 4_096 }, b: { context: 4_096 } },
      reply: async ({ model: name }) => {
        if (name === 'a') await slow.promise;
        return 'done';
      },
    });
    const clock = clockAt('2026-11-21T07:59:00Z');
    await town.tend([box(host.url, { coresident: true })], [model('a'), model('b')], {}, clock.read);
    await town.hold(`box-${town.tag}`);
    await town.reported(({ open }) => open.length === 2);
    const under = await town.call(`a-${town.tag}`, 'first');
    await host.called(({ model: name }) => name === 'a');
    clock.set('2026-11-21T08:00:00Z');
    await town.reported((observed) => observed.quietUntil !== undefined);
    // While one still drains, the other takes nothing.
    const late = await town.call(`b-${town.tag}`, 'second');
    slow.resolve();
    expect(await under.result()).toMatchObject({ outcome: 'done' });
    await town.reported(({ quietUntil, open }) => quietUntil !== undefined && open.length === 0);
    expect(host.requests.map(({ model: name }) => name)).toEqual(['a']);
    clock.set('2026-11-21T19:00:00Z');
    expect(await late.result()).toMatchObject({ outcome: 'done' });
  });
});
