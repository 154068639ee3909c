export { guessHome, homeOfTown } from './home.ts';
export { loadConfig, parseConfig } from './load.ts';
export { configJsonSchema } from './schema.ts';
export type { Surroundings } from './surroundings.ts';
export type { NotifySettings, TemporalTarget, TownConfig, TownLimits } from './townConfig.ts';
