export { bareName, isOutlined, type Outline, outlineOf } from './outline.ts';
export type { MapTask } from './rank.ts';
export { type Entry, type RenderedMap, renderMap } from './render.ts';
export { createRepositoryMaps, type RepositoryMap, type RepositoryMaps } from './repositoryMap.ts';
