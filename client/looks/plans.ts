import type { Answer } from '../answer.ts';
import { idsOf } from '../ask.ts';
import type { Call } from '../call.ts';

/** The answer of `gt plan list`. */
export const planList = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const [{ planOf }, { planLine }] = await Promise.all([
    import('../plan/planEpic.ts'),
    import('../render/planLine.ts'),
  ]);
  const names = (await idsOf(client, 'plan', false)).map((id) => id.slice('plan/'.length));
  const all = await Promise.all(names.map((name) => planOf(client, name).catch(() => undefined)));
  const plans = all.filter((one) => one !== undefined);
  return {
    data: plans,
    meta: { count: plans.length },
    lines: () =>
      plans.length === 0 ? ['No plans. Make one: `gt convoy launch EPIC.md`'] : plans.map(planLine),
  };
};
