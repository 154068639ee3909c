/** Bundle root: the workflows of the town. */
export { bead } from './bead.ts';
export { convoy } from './convoy.ts';
export { direct } from './direct.ts';
export { epic } from './epic.ts';
export { fleet } from './fleet.ts';
export { host } from './host.ts';
export { plan } from './plan.ts';
export { refinery } from './refinery.ts';
export { replan } from './replan.ts';
export { seance } from './seance.ts';
export { submission } from './submission.ts';
export { town } from './town.ts';
export { witness } from './witness.ts';
