/** When a conversation is full: the next one begins from a note and from the files as they are. */

/** Share of the room for prompts at which a conversation is handed over. */
export const fullAt = 0.7;

/**
 * Whether to hand over before this prompt is sent. Only what the conversation itself has brought can be left behind: a task
 * whose files alone fill the context would be handed over for ever. So would one that a single look fills, whose output no
 * prompt for a change would ever show.
 */
export const isFull = (of: { readonly fill: number | undefined; readonly looks: number }): boolean =>
  of.looks > 1 && (of.fill ?? 0) >= fullAt;
