import type { Fault } from './edit.ts';

/** The protocol's accepted forms with an example, as the model is told after a reply that could not be applied. */
const form = `Reply in this form: the path alone on a line, directly followed by the whole file in a fenced block:

src/example.ts
\`\`\`ts
the whole new text of the file
\`\`\`

For a large file, change only some lines; the SEARCH text must be lines of the file, exactly and only once:

src/large.ts
\`\`\`ts
<<<<<<< SEARCH
old line
=======
new line
>>>>>>> REPLACE
\`\`\`

To remove a file, write a line: DELETE src/old.ts
If the work is done already, write only the line: NOTHING TO CHANGE`;

const mostShown = 8;

/** What the model is told of a reply that could not be applied: each fault with its line, then the accepted form. */
export const faultText = (faults: readonly Fault[], reminder = form): string => {
  const shown = faults.slice(0, mostShown).map(faultLines);
  const more = faults.length - shown.length;
  return [
    'Your last reply was not applied, no file was changed. Send all your changes again, corrected.',
    ...shown,
    ...(more > 0 ? [`… and ${more} more of the kind.`] : []),
    ...(reminder === '' ? [] : [reminder]),
  ].join('\n\n');
};

const faultLines = (fault: Fault, index: number): string => {
  const where = fault.line === undefined ? '' : `line ${fault.line} of your reply: `;
  const lines = [`${index + 1}. ${where}${fault.what}`];
  if (fault.text !== undefined && fault.text.trim() !== '')
    lines.push(`   You wrote: ${fault.text.slice(0, 200)}`);
  if (fault.near !== undefined) lines.push('   The nearest lines of the file are:', fault.near);
  return lines.join('\n');
};
