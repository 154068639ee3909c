/** What holds a process back from its end: a child, a pipe, a channel. */
interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** Whether these keep this process from its end. */
export const keepsAlive = (handles: readonly (Handle | null | undefined)[], keeps: boolean): void => {
  for (const one of handles) {
    if (keeps) one?.ref();
    else one?.unref();
  }
};
