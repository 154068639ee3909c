import { inject } from 'vitest';
import { openTestTown, type TestTown, type TestTownOptions } from '../support/town.ts';
import { openRecord } from './openRecord.ts';

/** A test town that the real `gt` finds from its folder: beside its gastown.yaml, with the record of an open town in its home. */
export const openGtTown = async (options: TestTownOptions): Promise<TestTown> => {
  const town = await openTestTown(options);
  await openRecord({
    home: town.config.home,
    config: town.config.file,
    address: inject('temporalAddress'),
    namespace: town.client.options.namespace,
  });
  return town;
};
