import * as z from 'zod';
import type { ReviewVerdict } from '../../workflows/domain/bead/review.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Blobs } from '../ledger/blobs.ts';
import { jsonIn } from '../models/jsonIn.ts';

const mostReasons = 5;

const verdictSchema = z.object({
  verdict: z.enum(['approve', 'sendBack']),
  reasons: z
    // A verdict must not be lost over a long reason: what is shown of it is cut.
    .array(z.object({ file: z.string().catch(''), what: z.string().trim().min(1) }))
    .default([]),
});

/** A reviewer's verdict in its reply; null when there is none that has the form, or one that sends back without a reason. */
export const readVerdict = (reply: string): z.output<typeof verdictSchema> | null => {
  const json = jsonIn(reply);
  if ('fault' in json) return null;
  const read = verdictSchema.safeParse(json.value);
  if (!read.success) return null;
  return read.data.verdict === 'sendBack' && read.data.reasons.length === 0 ? null : read.data;
};

/** The activity: what a reviewer says, with the reasons stored as the next prompt shows them. */
export const createReadReview =
  ({ blobs }: { readonly blobs: Blobs }) =>
  async ({ replyRef }: { readonly replyRef: string }): Promise<ReviewVerdict | null> => {
    const read = readVerdict(await blobs.get(replyRef));
    if (read === null) return null;
    if (read.verdict === 'approve') return { verdict: 'approve' };
    const lines = read.reasons
      .slice(0, mostReasons)
      .map(({ file, what }) =>
        file === '' ? oneLine(what, 500) : `${oneLine(file, 200)}: ${oneLine(what, 500)}`,
      );
    const text = [
      'The checks are green. A reviewer has read your change and wants this to be right before it lands:',
      ...lines.map((line, index) => `${index + 1}. ${line}`),
    ].join('\n\n');
    return {
      verdict: 'sendBack',
      summary: oneLine(lines.join('; '), 240),
      ref: await blobs.put(text),
    };
  };
