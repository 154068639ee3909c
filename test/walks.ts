/**
 * Test files that drive the real `gt`, a process a command, or whole towns for minutes, and the beads of `bench:polecat`, each
 * gated for real. They take as long as all others together, so they are a suite of their own: `npm run test:walks`.
 */
export const walks = [
  'test/bench/**/beads.test.ts',
  'test/client/{brokenConfig,budget,completionShells,desk,detach,doctor,fleetTimeline,gt,init,night,openTown,plan,stuck,unknownName,watching}.test.ts',
  'test/e2e/{budgets,convergence,conversation,disk,fleet,fleetHosts,fleetKills,fleetLoads,fullDisk,hosts,inbox,landDirect,letters,live,mail,money,night,otherModel,outsider,pacing,patrol,plan,proposals,replan,replies,rigs,seance,secondOpinion,stopRig,submit,twoTowns}.test.ts',
];
