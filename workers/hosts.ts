import { hireHostCrew } from './hostCrew.ts';
import { runProcess } from './process.ts';

await runProcess('hosts', hireHostCrew);
