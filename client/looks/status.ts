import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { lookAtTown } from '../look.ts';
import { townPage } from '../render/townPage.ts';

/** The answer of `gt status`. */
export const status = async (call: Call<object>): Promise<Answer> => {
  const view = await lookAtTown(await call.glance());
  return { data: view, lines: (terminal) => townPage(view, terminal) };
};
