/** Run by lock.test.ts: tries to take the lock of a home, says how it went, and holds it for ever. */
import { lockTown } from '../../../../deploy/town/lock.ts';

try {
  await lockTown(process.argv[2] ?? '');
  console.log('locked');
  setInterval(() => {}, 60_000);
} catch (error) {
  console.log((error as Error).name);
}
