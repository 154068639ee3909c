/**
 * Test files that drive the real `gt`, a process a command, through whole towns. They take as long as all others together, so
 * they are a suite of their own: `npm run test:walks`.
 */
export const walks = [
  'test/client/{desk,detach,doctor,init,night,openTown,plan,stuck,unknownName,watching}.test.ts',
  'test/e2e/{disk,fullDisk,inbox,night,plan,proposals,submit,twoTowns}.test.ts',
];
