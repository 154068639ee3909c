/** Runs where `argv[2]` is a very small disk: writes `town.json`, fills the disk, and goes on. Prints what became of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRecord } from '../../../../deploy/town/record.ts';
import { recordTown } from '../../../../deploy/town/recorder.ts';
import { assertRoom } from '../../../../deploy/town/room.ts';

const home = process.argv[2] ?? '';
const identity = { name: 'n', namespace: 'ns', homeId: 'h', config: undefined, version: 'v', startedAt: 's' };
const recorder = recordTown(home, identity, () => ({ address: 'a:1', uiUrl: undefined, processes: [] }));
await recorder.note('open');
const filled = await writeFile(join(home, 'big'), Buffer.alloc(4 * 2 ** 20)).catch(
  (error: Error) => error.message,
);
await recorder.note('closing');
const said = await assertRoom(home).catch((error: Error) => error.name);
console.log(JSON.stringify({ filled, said, state: (await readRecord(home))?.state }));
