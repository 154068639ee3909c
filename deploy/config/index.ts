export { loadConfig, parseConfig, type Surroundings } from './load.ts';
export { configJsonSchema } from './schema.ts';
export type { TemporalTarget, TownConfig, TownLimits } from './townConfig.ts';
