/** What a call is for. */
export type CallRole = 'polecat' | 'note' | 'reviewer';

export const callRoles: readonly CallRole[] = ['polecat', 'note', 'reviewer'];
