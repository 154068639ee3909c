import type { ChatCall } from '../support/modelHost.ts';
import { filesReply, type TestBead } from '../support/town.ts';

/**
 * Ten beads in four waves: `left` and `right` change the same line, so that one of them is sent back, and `mend` is red
 * at first.
 */
export const tenBeads: readonly TestBead[] = [
  { id: 'alone', files: ['src/alone.txt'] },
  { id: 'left', files: ['src/list.txt'] },
  { id: 'right', files: ['src/list.txt'] },
  { id: 'mend', files: ['src/mend.txt'] },
  { id: 'wall', files: ['src/wall.txt'], needs: ['alone'] },
  { id: 'door', files: ['src/door.txt'], needs: ['left', 'right'] },
  { id: 'roof', files: ['src/roof.txt'], needs: ['mend'] },
  { id: 'house', files: ['src/house.txt'], needs: ['wall', 'door'] },
  { id: 'garden', files: ['src/garden.txt'], needs: ['roof'] },
  { id: 'street', files: ['src/street.txt'], needs: ['house', 'garden'] },
];

/** The files of the first commit. Gates take a moment, so that a kill can meet them, and leave a daemon in the town. */
export const firstFiles: Readonly<Record<string, string>> = {
  'src/list.txt': 'first\n',
  'check.sh': `case $HOME in */scratch/*) setsid sleep 300 & ;; esac
sleep 0.4
if grep -rn BROKEN src; then echo "error: something is BROKEN"; exit 1; fi
for file in src/*.txt; do [ -s "$file" ] || { echo "error: $file is empty"; exit 1; }; done
`,
};

/** What the model says: a function of the prompt alone, so that a call which is repeated is answered as before. */
export const replyTo = (bead: string, call: ChatCall): string => {
  const prompt = JSON.stringify(call.messages);
  if (bead === 'left' || bead === 'right') {
    const other = bead === 'left' ? 'right' : 'left';
    const lines = prompt.includes(`line of ${other}`) ? ['left', 'right'] : [bead];
    return filesReply({ 'src/list.txt': ['first', ...lines.map((name) => `line of ${name}`)].join('\n') });
  }
  const isFirst = bead === 'mend' && !prompt.includes('src/mend.txt:1:BROKEN');
  return filesReply({ [`src/${bead}.txt`]: isFirst ? 'BROKEN\n' : `work of ${bead}\n` });
};
