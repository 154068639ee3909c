/** `npm run format`: formats everything and sorts imports. */
import { showTool } from './tool.ts';

process.exitCode = await showTool('@biomejs/biome', 'biome', ['check', '--write', '.']);
