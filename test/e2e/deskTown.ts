import { openGtTown } from '../client/gtTown.ts';
import { type TempRepo, tempRepo } from '../support/repo.ts';
import type { TestTown, TestTownOptions } from '../support/town.ts';

/** A town that the real `gt` finds, with a second rig `desk` whose main a person has checked out. */
export interface DeskTown extends AsyncDisposable {
  readonly town: TestTown;
  readonly desk: TempRepo;
}

export const openDeskTown = async (reply: TestTownOptions['reply']): Promise<DeskTown> => {
  const desk = await tempRepo({ files: { 'src/start.txt': 'start\n' } });
  try {
    const town = await openGtTown({
      reply,
      config: (config) => {
        const gates = [{ name: 'check', run: '! grep -rn BROKEN src', timeout: '20s' }];
        return { ...config, rigs: { ...(config['rigs'] as object), desk: { path: desk.path, gates } } };
      },
    });
    return {
      ...{ town, desk },
      async [Symbol.asyncDispose]() {
        await town[Symbol.asyncDispose]();
        await desk[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await desk[Symbol.asyncDispose]();
    throw error;
  }
};
