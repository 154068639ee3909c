/** Applies one reply in a process of its own, to be killed: `node applyOnce.ts <home> <request as JSON>`. */
import { homeAt } from '../../../activities/home.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createPolecatActivities } from '../../../activities/polecat/activities.ts';
import type { ApplyReply } from '../../../workflows/ports.ts';
import { model, rig } from './worktree.ts';

const [root = '', request = ''] = process.argv.slice(2);
const home = homeAt(root);
const { applyReply } = createPolecatActivities({
  home,
  blobs: createBlobs(home.blobs),
  models: new Map([['m', model]]),
  rigs: new Map([['r', rig]]),
});
process.stdout.write('begin\n');
await applyReply(JSON.parse(request) as ApplyReply);
