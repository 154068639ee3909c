import { existsSync } from 'node:fs';

/**
 * What is writable below /proc for uid 0 whatever its capabilities, and leads to the kernel of the whole machine (a write
 * to `core_pattern` names a program that the kernel will run). bubblewrap as root leaves `sys` open, so it is said to
 * both rungs.
 */
export const kernelDoors = (): string[] =>
  ['sys', 'sysrq-trigger', 'irq', 'bus', 'fs', 'acpi', 'scsi', 'mtrr']
    .map((name) => `/proc/${name}`)
    .filter((path) => existsSync(path));
